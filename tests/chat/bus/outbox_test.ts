import { assert, assertEquals } from "@std/assert";
import type { Fact } from "../../../src/chat/bus/facts.ts";
import { Outbox, OUTBOX_LIMIT } from "../../../src/chat/bus/outbox.ts";

const line = (text: string): Fact => ({ type: "say", id: "a.1", from: "ann", text });
const numbers = ({ entries }: { entries: readonly { number: number }[] }) =>
  entries.map(({ number }) => number);

Deno.test("lines sent while a batch travels go with the next one", () => {
  const outbox = new Outbox();
  outbox.add(line("1"));
  const first = outbox.next()!;
  outbox.add(line("2"));
  outbox.add(line("3"));
  assertEquals(numbers(first), [1]);
  assertEquals(numbers(outbox.next()!), [2, 3]);
  assertEquals(outbox.next(), undefined);
});

Deno.test("a batch is done when it has come back, before or after its acknowledgement", () => {
  const outbox = new Outbox();
  outbox.add(line("1"));
  outbox.next();
  outbox.add(line("2"));
  assertEquals(numbers(outbox.acknowledge(1)!), [1]);
  assertEquals(numbers(outbox.next()!), [2]);
  assertEquals(outbox.acknowledge(1), undefined, "only once");
  outbox.acknowledge(2);
  assert(outbox.empty);
});

Deno.test("a new session sends what has not come back again, in the same batches", () => {
  const outbox = new Outbox();
  for (const text of ["1", "2"]) {
    outbox.add(line(text));
    outbox.next();
  }
  outbox.add(line("3"));
  outbox.acknowledge(1);
  outbox.resetSent();
  assertEquals(numbers(outbox.next()!), [2]);
  assertEquals(numbers(outbox.next()!), [3]);
});

Deno.test("an outbox takes 4 MiB and no more, in batches that NATS takes", () => {
  const outbox = new Outbox();
  const text = "x".repeat(4000);
  let count = 0;
  while (outbox.add(line(text))) count++;
  assert(count * 4000 > OUTBOX_LIMIT * 0.95 && count * 4000 <= OUTBOX_LIMIT, `${count} lines`);
  assert(outbox.congested);
  for (let batch = outbox.next(); batch; batch = outbox.next()) {
    assert(batch.size <= 64 * 1024, `${batch.size} bytes`);
    outbox.acknowledge(batch.entries[0]!.number);
  }
  assert(outbox.empty && !outbox.congested);
  assert(outbox.add(line(text)));
});

Deno.test("what came back lately waits again when the order has lost its end", () => {
  const outbox = new Outbox();
  for (const text of ["1", "2", "3"]) {
    outbox.add(line(text));
    outbox.next();
  }
  outbox.acknowledge(1);
  outbox.acknowledge(2);
  outbox.requeueRecent();
  outbox.acknowledge(1); // It is stored after all; the second isn't.
  outbox.resetSent();
  assertEquals(numbers(outbox.next()!), [2]);
  assertEquals(numbers(outbox.next()!), [3]);
  assertEquals(outbox.next(), undefined);
});

Deno.test("what is queued again twice keeps its order", () => {
  const outbox = new Outbox();
  for (const text of ["1", "2", "3"]) {
    outbox.add(line(text));
    outbox.next();
  }
  outbox.acknowledge(1);
  outbox.acknowledge(2);
  outbox.requeueRecent();
  outbox.acknowledge(3);
  outbox.acknowledge(2);
  outbox.requeueRecent();
  outbox.resetSent();
  for (const number of [1, 2, 3]) assertEquals(numbers(outbox.next()!), [number]);
});

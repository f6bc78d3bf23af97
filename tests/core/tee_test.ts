import { assert, assertEquals, assertRejects } from "@std/assert";
import { LocalError } from "../../src/core/errors.ts";
import { memoryPair } from "../support/memory.ts";
import { Tee } from "../../src/core/tee.ts";
import { decode, encode, readAll, readExactly, Script } from "../support/connections.ts";
import { randomBytes } from "../support/random.ts";
import { drainEventLoop, isPending, soon, until } from "../support/wait.ts";

Deno.test("every member gets all of the source and its EOF", async () => {
  const bytes = randomBytes(300_000);
  const tee = new Tee(new Script([bytes]));
  const members = [tee.join(), tee.join(), tee.join()];
  const sizes = [100, 4096, 1_000_000];
  const received = members.map((member, i) => readAll(member, sizes[i]));
  for (const all of await soon(Promise.all(received), "the members")) assertEquals(all, bytes);
});

Deno.test("bytes wait while there is no member", async () => {
  const [client, target] = memoryPair();
  let reads = 0;
  const read = target.read.bind(target);
  target.read = (buffer) => (reads++, read(buffer));
  const tee = new Tee(target);
  await client.write(encode("early "));
  const first = tee.join();
  assertEquals(decode(await soon(readExactly(first, 6), "the first")), "early ");
  await until(() => reads === 2, "the next read, that nobody is there for");
  first.close();
  await client.write(encode("later"));
  await drainEventLoop();
  const second = tee.join();
  assertEquals(decode(await soon(readExactly(second, 5), "the second")), "later");
  await client.closeWrite();
  assertEquals(await readAll(second), new Uint8Array());
});

Deno.test("the last member may leave in any turn: unoffered bytes wait for the next member", async () => {
  for (const turns of [0, 1, 2, 3]) {
    const tee = new Tee(new Script(["early ", "later"]));
    await tee.start();
    const leaving = tee.join();
    for (let turn = 0; turn < turns; turn++) await Promise.resolve();
    leaving.close();
    await drainEventLoop();
    const text = decode(await soon(readAll(tee.join()), `the next member, ${turns} turns later`));
    assertEquals(text, turns === 0 ? "early later" : "later");
  }
});

Deno.test("the slowest member sets the pace, and one that leaves delays nobody", async () => {
  const [client, target] = memoryPair(1);
  const tee = new Tee(target);
  const [quick, stalled] = [tee.join(), tee.join()];
  const rest = readAll(quick);
  const writing = client.write(encode("abc")).then(() => client.closeWrite());
  assert(await isPending(writing));
  stalled.close();
  await soon(writing, "the source");
  assertEquals(decode(await rest), "abc");
});

Deno.test("a member that joins after EOF gets no bytes, and EOF only if it asks", async () => {
  const tee = new Tee(new Script(["gone"]));
  await readAll(tee.join());
  const silent = tee.join();
  const received = readAll(silent);
  assert(await isPending(received));
  silent.finish();
  assertEquals(await soon(received, "its own end"), new Uint8Array());
  const asking = readAll(tee.join({ receivesEof: true }));
  assertEquals(await soon(asking, "the source's end"), new Uint8Array());
});

Deno.test("an EOF before any member joins reaches nobody, bytes wait for the first member", async () => {
  const mute = new Tee(new Script());
  await mute.start();
  await mute.over;
  assert(await isPending(mute.join().read(new Uint8Array(1))));
  const speaking = new Tee(new Script(["early"]));
  await speaking.start();
  assertEquals(decode(await soon(readAll(speaking.join()), "the end")), "early");
});

Deno.test("a member that finishes still reads its pending chunk, and delays nobody", async () => {
  const [client, target] = memoryPair();
  const tee = new Tee(target);
  const [one, other] = [tee.join(), tee.join()];
  const rest = readAll(other);
  await client.write(encode("first"));
  assertEquals(decode(await soon(readExactly(one, 1), "a part")), "f");
  one.finish();
  await client.write(encode("second"));
  await client.closeWrite();
  assertEquals(decode(await soon(rest, "the other")), "firstsecond");
  assertEquals(decode(await soon(readAll(one), "the rest")), "irst");
});

Deno.test("a member that doesn't read delays nobody once it has closed", async () => {
  const tee = new Tee(new Script(["a", "b"]));
  const deaf = tee.join({ writeOnly: true });
  assertEquals(decode(await soon(readAll(tee.join()), "the other")), "ab");
  assert(await isPending(deaf.read(new Uint8Array(1))));
});

Deno.test("a member that delays others is closed with its reason, one that delays nobody isn't", async () => {
  const [client, target] = memoryPair(1);
  const tee = new Tee(target, 100);
  const reason = new Error("too slow");
  const stalled = tee.join({ late: () => reason });
  const writing = client.write(encode("abc")).then(() => client.closeWrite());
  await new Promise((resolve) => setTimeout(resolve, 300));
  assert(await isPending(stalled.closed), "alone it may take its time");
  const before = performance.now();
  const other = tee.join();
  const received = readAll(other);
  assertEquals(await soon(stalled.closed, "it is closed"), reason);
  assert(performance.now() - before > 90);
  assert(other.lastWait() >= before + 90, "the other has waited");
  await soon(writing, "the source");
  assertEquals(decode(await soon(received, "the rest")), "bc");
});

Deno.test("the clock stops when no member waits any more", async () => {
  const [client, target] = memoryPair(1);
  const tee = new Tee(target, 100);
  const stalled = tee.join();
  const writing = client.write(encode("abc"));
  await drainEventLoop();
  const waiting = tee.join();
  assertEquals(waiting.lastWait() <= performance.now(), true);
  waiting.close();
  await new Promise((resolve) => setTimeout(resolve, 300));
  assert(await isPending(stalled.closed));
  stalled.close();
  const last = tee.join();
  await soon(readExactly(last, 2), "the rest");
  await writing;
  last.close();
});

Deno.test("an error of the source reaches present and later members", async () => {
  const failure = new LocalError("read", "stdin", "input/output error");
  const source = new Script();
  source.read = () => Promise.reject(failure);
  const tee = new Tee(source);
  assertEquals(await assertRejects(() => readAll(tee.join())), failure);
  assertEquals(await assertRejects(() => readAll(tee.join())), failure);
});

Deno.test("members' writes go to the source, and their EOFs don't close it", async () => {
  const source = new Script();
  const tee = new Tee(source);
  const [a, b] = [tee.join(), tee.join()];
  await a.write(encode("from a, "));
  await a.closeWrite();
  a.close();
  await b.write(encode("from b"));
  assertEquals([source.text, source.writeEnded], ["from a, from b", false]);
  await soon(a.closed, "closed");
});

Deno.test("close wakes a member's pending read, with the reason", async () => {
  const [, target] = memoryPair();
  const tee = new Tee(target);
  const [plain, broken] = [tee.join(), tee.join()];
  const ended = readAll(plain);
  const reason = new Error("reset");
  const failed = assertRejects(() => readAll(broken));
  plain.close();
  broken.close(reason);
  assertEquals(await soon(ended, "the end"), new Uint8Array());
  assertEquals(await soon(failed, "the failure"), reason);
});

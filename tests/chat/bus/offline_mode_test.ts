/** A room that goes on without its bus shows each of its own facts once. */
import { assertEquals } from "@std/assert";
import type { Subscriber } from "../../../src/chat/bus/bus.ts";
import type { Fact } from "../../../src/chat/bus/facts.ts";
import { OfflineMode } from "../../../src/chat/bus/offline_mode.ts";
import { Outbox } from "../../../src/chat/bus/outbox.ts";
import { drainEventLoop } from "../../support/wait.ts";

const line = (text: string): Fact => ({ type: "say", id: "a.1", from: "ann", text });
const textOf = (fact: Fact) => "text" in fact ? fact.text : fact.type;

/** An outbox and its offline mode, which begins at once, with what the room is told. */
function losing(outbox = new Outbox()) {
  const seen: string[] = [];
  const subscriber: Subscriber = {
    deliver: (fact, { mode }) => seen.push(`${mode} ${textOf(fact)}`),
    ownMembers: () => [],
    hasMembersOf: () => false,
    offline: (shown) => seen.push(["offline", ...shown.map(textOf)].join(" ")),
    missed: () => {},
    online: () => seen.push("online"),
    ready: () => Promise.resolve(),
  };
  const mode = new OfflineMode(subscriber, outbox, "a", 0, () => {});
  const lose = async () => {
    mode.sessionLost();
    await drainEventLoop();
  };
  return { outbox, mode, lose, seen };
}

/** Queues a line and sends it. */
function send(outbox: Outbox, text: string): number {
  const { number } = outbox.add(line(text))!;
  outbox.next();
  return number;
}

Deno.test("a line that came back and is queued again isn't shown again without the bus", async () => {
  const { outbox, mode, lose, seen } = losing();
  outbox.acknowledge(send(outbox, "seen"));
  send(outbox, "unseen");
  outbox.requeueRecent();
  await lose();
  assertEquals(seen, ["offline", "provisional unseen"]);
  await lose();
  assertEquals(seen.slice(2), ["offline unseen"], "only what nobody has ordered is provisional");
  outbox.resetSent();
  for (const expected of [1, 2]) assertEquals(outbox.next()!.entries[0]!.number, expected);
  outbox.acknowledge(2);
  mode.streamReached();
  assertEquals(seen.slice(3), ["online"], "what was confirmed before isn't waited for");
});

Deno.test("a line that was shown without the bus, confirmed and queued again is past", async () => {
  const { outbox, mode, lose, seen } = losing();
  outbox.add(line("early"));
  await lose();
  outbox.next();
  outbox.acknowledge(1);
  mode.streamReached();
  assertEquals(seen.splice(0), ["offline", "provisional early", "online"]);
  outbox.requeueRecent();
  await lose();
  assertEquals(seen, ["offline"]);
});

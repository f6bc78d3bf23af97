import { assert, assertEquals, assertRejects } from "@std/assert";
import type { Message } from "../../src/core/duplex.ts";
import {
  BrokenError,
  type CloseError,
  type CoaxError,
  TimeoutError,
  UsageError,
} from "../../src/core/errors.ts";
import { memoryPair } from "../support/memory.ts";
import { DifferenceError } from "../../src/record/check.ts";
import type { RecordedEvent, Side } from "../../src/record/event.ts";
import { play, type PlayOptions } from "../../src/record/player.ts";
import { type Script, scriptFor } from "../../src/record/script.ts";
import { decode, encode, MessageScript, readAll, readExactly } from "../support/connections.ts";
import { isPending, soon } from "../support/wait.ts";

type Brief =
  | readonly [dir: Side, what: "half-close" | "close", t?: number]
  | readonly [dir: Side, what: { say: string | Uint8Array }, t?: number];

/** A recorded connection in brief; `message` sends messages instead of bytes. */
function script(side: Side, brief: readonly Brief[], message = false): Script {
  const events = brief.map(([dir, what, t = 0]): RecordedEvent => {
    if (typeof what === "string") return { t, id: 1, event: what, dir };
    const data = typeof what.say === "string" ? encode(what.say) : what.say;
    const payload: Message = { data, text: true };
    return { t, id: 1, event: message ? "message" : "data", dir, payload };
  });
  return scriptFor({ id: 1, events: [{ t: 0, id: 1, event: "open" }, ...events] }, side);
}

/**
 * The code that a side closes with if the recorded one closed with `code`, or undefined for a
 * normal close.
 */
async function closedWith(side: Side, dir: Side, code?: number) {
  const recorded: RecordedEvent[] = [
    { t: 0, id: 1, event: "message", dir: "in", payload: { data: encode("a"), text: true } },
    { t: 0, id: 1, event: "close", dir, code },
  ];
  const connection = new MessageScript([{ data: encode("a"), text: true }]);
  const options = { speed: 1, check: false, idleTimeout: undefined };
  await play(connection, scriptFor({ id: 1, events: recorded }, side), options);
  return (connection.closes[0] as CloseError | undefined)?.code;
}

Deno.test("a side closes with the code of the recording, where that may be sent", async () => {
  for (const [side, other] of [["in", "out"], ["out", "in"]] as const) {
    assertEquals(await closedWith(side, side, 4001), 4001);
    assertEquals(await closedWith(side, side, 1001), 1001);
    assertEquals(await closedWith(side, other, 4001), undefined);
    for (const code of [undefined, 1000, 1005, 1006]) {
      assertEquals(await closedWith(side, side, code), undefined);
    }
  }
});

const say = (text: string) => ({ say: text });

/** Asks, is answered, asks again, and both close. */
const DIALOGUE: readonly Brief[] = [
  ["in", say("one")],
  ["out", say("ONE")],
  ["in", say("two")],
  ["in", "half-close"],
  ["out", say("TWO")],
  ["out", "half-close"],
  ["out", "close"],
];

const FAST: PlayOptions = { speed: Infinity, check: true, idleTimeout: undefined };

/** Plays against a peer on the other side of a pair. */
function start(played: Script, options: PlayOptions = FAST) {
  const [ours, peer] = memoryPair();
  const playing = play(ours, played, options);
  playing.catch(() => {}); // Awaited later.
  return { playing, peer, over: soon(playing, "the end of the play") };
}

Deno.test("what was sent after an answer is sent only after it, and half-closed there", async () => {
  const { playing, peer, over } = start(script("in", DIALOGUE));
  assertEquals(decode(await readExactly(peer, 3)), "one");
  const more = peer.read(new Uint8Array(10));
  assert(await isPending(more));
  await peer.write(encode("ON"));
  assert(await isPending(more), "two of three bytes aren't the answer");
  await peer.write(encode("E"));
  assertEquals(await more, 3);
  assertEquals(await peer.read(new Uint8Array(1)), null);
  await peer.write(encode("TWO"));
  assert(await isPending(playing), "the peer's end was recorded too");
  await peer.closeWrite();
  assertEquals(await over, { sent: 6, received: 6 });
});

Deno.test("as the server it answers what was recorded, after the EOF that it followed", async () => {
  const { peer, over } = start(script("out", DIALOGUE));
  await peer.write(encode("one"));
  assertEquals(decode(await readExactly(peer, 3)), "ONE");
  await peer.write(encode("two"));
  const more = peer.read(new Uint8Array(10));
  assert(await isPending(more), "TWO came after the client's end");
  await peer.closeWrite();
  assertEquals(await more, 3);
  assertEquals(await over, { sent: 6, received: 6 });
});

Deno.test("the two sides of a recording can be played against each other", async () => {
  const [a, b] = memoryPair();
  const sides = [play(a, script("in", DIALOGUE), FAST), play(b, script("out", DIALOGUE), FAST)];
  const totals = await soon(Promise.all(sides), "both sides");
  assertEquals(totals, [{ sent: 6, received: 6 }, { sent: 6, received: 6 }]);
});

Deno.test("recorded times are divided by the speed", async () => {
  const took = async (seconds: number, speed: number) => {
    const pause: readonly Brief[] = [
      ["in", say("a")],
      ["in", say("b"), seconds / 2],
      ["in", "close", seconds],
    ];
    const began = performance.now();
    const { peer, over } = start(script("in", pause), { ...FAST, speed });
    await readAll(peer);
    await over;
    return performance.now() - began;
  };
  const ms = await took(40, 200);
  assert(ms >= 199 && ms < 20_000, `40 s at 200 times the speed took ${ms} ms`);
  await soon(took(1e6, Infinity), "the end of eleven days");
});

Deno.test("the peer's EOF releases what waits for more from it", async () => {
  const { peer, over } = start(script("in", DIALOGUE), { ...FAST, check: false });
  await readExactly(peer, 3);
  await peer.closeWrite();
  assertEquals(decode(await readAll(peer)), "two");
  assertEquals(await over, { sent: 6, received: 0 });
});

Deno.test("a silent peer ends the play with 5, and with 9 where an answer is checked", async () => {
  for (const [check, status] of [[false, 5], [true, 9]] as const) {
    const { over } = start(script("in", DIALOGUE), { ...FAST, check, idleTimeout: 50 });
    const error = await over.catch((error) => error as CoaxError);
    assertEquals("status" in error && error.status, status);
  }
});

Deno.test("a peer that reads nothing ends the play as well", async () => {
  const much: readonly Brief[] = [["in", { say: new Uint8Array(200_000) }], ["in", "close"]];
  const { over } = start(script("in", much), { ...FAST, idleTimeout: 50 });
  await assertRejects(() => over, TimeoutError, "silent for 0.1 s");
});

Deno.test("a pause that was recorded is no silence", () => {
  const { longestPause } = script("in", [["in", say("a"), 5], ["out", say("b"), 65], [
    "in",
    "close",
    66,
  ]]);
  assertEquals(longestPause, 60_000);
});

Deno.test("a difference ends the play at once, even while sending waits", async () => {
  const much: readonly Brief[] = [
    ["out", say("hello")],
    ["in", { say: new Uint8Array(200_000) }],
    ["out", say("x")],
    ["in", "close"],
  ];
  const { peer, over } = start(script("in", much), { ...FAST, idleTimeout: 60_000 });
  await peer.write(encode("hello"));
  await peer.write(encode("y"));
  await assertRejects(() => over, DifferenceError, "byte 5 differs");
});

Deno.test("a reset is reported as a reset", async () => {
  const { peer, over } = start(script("in", DIALOGUE));
  peer.close(new BrokenError("receive from", "memory:b", "reset by peer"));
  await assertRejects(() => over, BrokenError, "reset by peer");
});

Deno.test("messages are sent with their types and wait for as many messages", async () => {
  const brief: readonly Brief[] = [
    ["in", say("a")],
    ["out", say("A")],
    ["in", say("")],
    ["out", say("B")],
    ["in", "close"],
  ];
  const connection = new MessageScript([{ data: encode("A") }, { data: encode("B") }]);
  const closes = Promise.withResolvers<void>();
  Object.assign(connection, { closed: closes.promise, close: () => closes.resolve() });
  const totals = await soon(
    play(connection, script("in", brief, true), FAST),
    "the end of the play",
  );
  assertEquals(totals, { sent: 2, received: 2 });
  assertEquals(connection.sent, [{ data: encode("a"), text: true }, {
    data: encode(""),
    text: true,
  }]);
});

Deno.test("bytes aren't played where messages go, nor messages where bytes go", async () => {
  const [ours] = memoryPair();
  const messages = script("in", [["in", say("a")]], true);
  await assertRejects(() => play(ours, messages, FAST), UsageError, "carries bytes");
  const channel = new MessageScript();
  await assertRejects(() => play(channel, script("in", DIALOGUE), FAST), UsageError, "messages");
  assertEquals(channel.closes.length, 1);
});

/** How often a host may be wrong about a secret. */
import { assert, assertEquals } from "@std/assert";
import { Attempts } from "../../src/access/attempts.ts";

const wrong = () => false;
const right = () => Promise.resolve(true);

/** Times that a test has. */
const TIMES = { window: 400, patience: 1000 };
const NO_PATIENCE = { window: 60_000, patience: 0 };

Deno.test("a host may be wrong four times in a window, however many of its guesses come at once", async () => {
  const attempts = new Attempts(TIMES);
  const judged: number[] = [];
  const start = performance.now();
  const guess = () => {
    judged.push(performance.now() - start);
    return false;
  };
  const peers = Array.from({ length: 500 }, (_, i) => `192.0.2.1:${i + 1}`);
  const results = await Promise.all(peers.map((peer) => attempts.judge(peer, guess)));
  // Four at once, then four after one window, and after a second one.
  assertEquals([judged.length, results.filter((one) => one === undefined).length], [12, 488]);
  for (let i = 4; i < judged.length; i++) assert(judged[i]! - judged[i - 4]! > 390, `${judged}`);
  assert(performance.now() - start < 2000);
});

Deno.test("a right guess behind others' wrong ones is late, and not refused", async () => {
  const attempts = new Attempts(TIMES);
  const others = Array.from({ length: 8 }, () => attempts.judge("192.0.2.1:5", wrong));
  const start = performance.now();
  assertEquals(await attempts.judge("192.0.2.2:9", right), true);
  assert(performance.now() - start < 300, "another host has waited");
  assertEquals(await attempts.judge("192.0.2.1:9", right), true);
  const waited = performance.now() - start;
  assert(waited > 700 && waited < 1500, `${waited} ms`);
  assertEquals(await Promise.all(others), Array(8).fill(false));
});

Deno.test("the addresses of one /64 count as one, and so do the clients of a Unix socket", async () => {
  for (
    const [peers, next] of [
      [(i: number) => `[2001:db8::${i}]:5`, "[2001:db8:0:1::1]:5"],
      [(i: number) => `unix:/x#${i}`, "unix:/y#1"],
    ] as const
  ) {
    const attempts = new Attempts(NO_PATIENCE);
    for (let i = 1; i <= 4; i++) assertEquals(await attempts.judge(peers(i), wrong), false);
    assertEquals(await attempts.judge(peers(5), right), undefined);
    assertEquals(await attempts.judge(next, right), true);
  }
});

Deno.test("those who are right are judged without a limit", async () => {
  const attempts = new Attempts(NO_PATIENCE);
  const all = Array.from({ length: 500 }, () => attempts.judge("192.0.2.1:1", right));
  assertEquals((await Promise.all(all)).every((one) => one === true), true);
});

Deno.test("of more hosts than fit the table, those are forgotten that were wrong the longest ago", async () => {
  const attempts = new Attempts(NO_PATIENCE);
  const spend = async (peer: string) => {
    for (let i = 0; i < 4; i++) await attempts.judge(peer, wrong);
  };
  const host = (i: number) => `10.${i >> 16}.${i >> 8 & 255}.${i & 255}:1`;
  await spend(host(0));
  await spend(host(1));
  for (let i = 2; i < 10_001; i++) await attempts.judge(host(i), wrong);
  assertEquals(await attempts.judge(host(1), right), undefined);
  assertEquals(await attempts.judge(host(0), right), true);
});

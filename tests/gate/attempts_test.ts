/** How often an address may be wrong about the secret. */
import { assertEquals } from "@std/assert";
import { Attempts } from "../../src/gate/attempts.ts";

const wrong = () => Promise.resolve(false);
const right = () => Promise.resolve(true);

Deno.test("an address may be wrong four times in a second, however many try at once", async () => {
  const attempts = new Attempts();
  let judged = 0;
  const guess = () => {
    judged++;
    return wrong();
  };
  const peers = Array.from({ length: 500 }, (_, i) => `192.0.2.1:${i + 1}`);
  const results = await Promise.all(peers.map((peer) => attempts.judge(peer, guess)));
  assertEquals([judged, results.filter((one) => one === false).length], [4, 4]);
  assertEquals(await attempts.judge("192.0.2.1:9", right), undefined);
  assertEquals(await attempts.judge("192.0.2.2:9", right), true);
  await new Promise((resolve) => setTimeout(resolve, 1050));
  assertEquals(await attempts.judge("192.0.2.1:9", right), true);
});

Deno.test("the addresses of one /64 count as one, and so do the clients of a Unix socket", async () => {
  for (
    const [peers, next] of [
      [(i: number) => `[2001:db8::${i}]:5`, "[2001:db8:0:1::1]:5"],
      [(i: number) => `unix:/x#${i}`, "unix:/y#1"],
    ] as const
  ) {
    const attempts = new Attempts();
    for (let i = 1; i <= 4; i++) assertEquals(await attempts.judge(peers(i), wrong), false);
    assertEquals(await attempts.judge(peers(5), right), undefined);
    assertEquals(await attempts.judge(next, right), true);
  }
});

Deno.test("those who are right are judged without a limit", async () => {
  const attempts = new Attempts();
  const all = Array.from({ length: 500 }, () => attempts.judge("192.0.2.1:1", right));
  assertEquals((await Promise.all(all)).every((one) => one === true), true);
});

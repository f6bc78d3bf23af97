/** Which numbered messages are awaited, lost, late or duplicated. */
import { assert, assertEquals } from "@std/assert";
import { Ledger } from "../../src/bench/ledger.ts";

function sent(count: number, reach: number): Ledger {
  const ledger = new Ledger(reach);
  for (let i = 0; i < count; i++) assertEquals(ledger.next(), i);
  return ledger;
}

Deno.test("messages that come back in order leave nothing behind", () => {
  const ledger = sent(3, 10);
  for (const number of [0, 1, 2]) assert(ledger.returned(number));
  assertEquals(ledger.awaited, 0);
  assertEquals(ledger.losses, { sent: 3, lost: 0, duplicates: 0 });
});

Deno.test("one that is overtaken is out of order, but not lost yet", () => {
  const ledger = sent(3, 10);
  assert(!ledger.returned(1));
  assert(ledger.returned(0));
  assertEquals(ledger.awaited, 1);
  assertEquals(ledger.losses.lost, 0);
});

Deno.test("one that is overtaken by far is lost, and found when it arrives after all", () => {
  const ledger = sent(10, 3);
  for (const number of [1, 2, 3]) ledger.returned(number);
  assertEquals(ledger.losses.lost, 0);
  ledger.returned(4);
  assertEquals(ledger.losses.lost, 1);
  ledger.returned(0);
  assertEquals(ledger.losses, { sent: 10, lost: 0, duplicates: 0 });
});

Deno.test("a second copy is counted", () => {
  const ledger = sent(2, 3);
  ledger.returned(0);
  assert(!ledger.returned(0));
  assertEquals(ledger.losses.duplicates, 1);
});

Deno.test("a message that is given up is lost and awaited no more", () => {
  const ledger = sent(4, 3);
  ledger.returned(0);
  ledger.giveUpAll();
  assertEquals(ledger.awaited, 0);
  assertEquals(ledger.losses, { sent: 4, lost: 3, duplicates: 0 });
});

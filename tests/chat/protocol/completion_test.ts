/** Tab completes names: at the start of a line as an address, elsewhere as a word. */
import { assertEquals } from "@std/assert";
import { NameCompletion } from "../../../src/chat/protocol/completion.ts";

const NAMES = ["alice", "Albert", "bob", "Ωmega", "guest-1", "guest-12"];

/** Presses Tab where `|` is, some times. */
function tabbed(typed: string, times = 1, cycles = true): string | undefined {
  const completion = new NameCompletion(cycles);
  const cursor = typed.indexOf("|");
  let now = { text: typed.replace("|", ""), cursor };
  for (let n = 0; n < times; n++) {
    const next = completion.complete(now, NAMES);
    if (!next) return undefined;
    now = next;
  }
  return now.text.slice(0, now.cursor) + "|" + now.text.slice(now.cursor);
}

const CASES: readonly (readonly [typed: string, times: number, completed: string | undefined])[] = [
  ["bo|", 1, "bob: |"],
  ["BO|", 1, "bob: |"],
  ["hello bo|", 1, "hello bob |"],
  ["hello\nbo|", 1, "hello\nbob: |"],
  ["hello bo| there", 1, "hello bob |there"],
  ["@bo|", 1, "@bob |"],
  ["/msg bo|", 1, "/msg bob |"],
  ["ωm|", 1, "Ωmega: |"],
  ["al|", 1, "alice: |"],
  ["al|", 2, "Albert: |"],
  ["al|", 3, "alice: |"],
  ["x @al|", 2, "x @Albert |"],
  ["guest-1|", 2, "guest-12: |"],
  ["|", 1, undefined],
  ["hello |", 1, undefined],
  ["nobody|", 1, undefined],
  ["@|", 1, undefined],
];

for (const [typed, times, completed] of CASES) {
  Deno.test(`Tab, ${times} times, makes ${completed} of ${JSON.stringify(typed)}`, () => {
    assertEquals(tabbed(typed, times), completed);
  });
}

Deno.test("where it doesn't cycle, Tab ends with the last name", () => {
  assertEquals(tabbed("al|", 2, false), "Albert: |");
  assertEquals(tabbed("al|", 3, false), undefined);
  assertEquals(tabbed("bo|", 2, false), undefined);
});

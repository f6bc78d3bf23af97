/** What arrives stands above what is typed, whatever comes in which pieces. */
import { assertEquals, assertRejects } from "@std/assert";
import { inputView } from "../../../src/talk/terminal/input_view.ts";
import { Screen } from "../../../src/talk/terminal/screen.ts";
import { below, generator, pick } from "../../support/random.ts";
import { MemoryTerminal } from "../../support/screen.ts";
import { isPending } from "../../support/wait.ts";

const COLUMNS = 20;
const plain = (text: string) => text;
const NOTHING = { text: "", cursor: 0 };
const LOOK = { prompt: "> ", promptStyle: plain, quiet: plain };

/** A screen on a terminal in memory; `state` is what is being typed, if anything can be. */
function drawing() {
  const terminal = new MemoryTerminal(COLUMNS, 10);
  const state = { typed: { text: "", cursor: 0 } as typeof NOTHING | undefined, closed: 0 };
  const screen = new Screen({
    write: (text) => Promise.resolve(terminal.write(text)),
    size: () => ({ columns: COLUMNS, rows: 10 }),
    input: (space) => state.typed && inputView(state.typed, LOOK, space),
    styled: plain,
    lineClosed: () => state.closed++,
  });
  return { terminal, screen, state };
}

/** The rows that a terminal without an input line shows for these texts. */
function wrapped(text: string): string[] {
  const terminal = new MemoryTerminal(COLUMNS, 1000);
  terminal.write(text);
  return terminal.shown.map((row) => row.replace("|", ""));
}

/** One change of a screen at random; returns what has arrived by it. */
async function change(random: () => number, { screen, state }: ReturnType<typeof drawing>) {
  switch (below(random, 4)) {
    case 0: {
      const text = "x".repeat(below(random, 50));
      state.typed = { text, cursor: below(random, text.length + 1) };
      screen.refresh();
      return "";
    }
    case 1:
      await screen.printLines(["-- a line"]);
      return "-- a line\n";
    default: {
      const letters = Array.from({ length: below(random, 30) }, () => pick(random, [..."abc \n"]));
      await screen.print(letters.join(""));
      return letters.join("");
    }
  }
}

Deno.test("arriving text is whole and in its place, in whatever pieces it comes", async () => {
  for (let seed = 1; seed <= 300; seed++) {
    const random = generator(seed);
    const drawn = drawing();
    let arrived = "";
    for (let step = 0; step < 30; step++) {
      const text = await change(random, drawn);
      const isOwn = text.startsWith("-- ") && arrived !== "" && !arrived.endsWith("\n");
      arrived += (isOwn ? "\n" : "") + text;
    }
    drawn.state.typed = undefined;
    drawn.screen.refresh();
    await drawn.screen.written;
    const rows = drawn.terminal.shown.map((row) => row.replace("|", ""));
    assertEquals(rows, wrapped(arrived), `seed ${seed}`);
  }
});

Deno.test("an open line goes on in its row, and is closed by a line of another's", async () => {
  const { terminal, screen, state } = drawing();
  state.typed = { text: "typed", cursor: 2 };
  await screen.print("part");
  assertEquals(terminal.shown, ["part", "> ty|ped"]);
  await screen.print(" two");
  assertEquals(terminal.shown, ["part two", "> ty|ped"]);
  await screen.printLines(["a log line"]);
  assertEquals([terminal.shown, state.closed], [["part two", "a log line", "> ty|ped"], 1]);
  screen.status = "50 %";
  await screen.print("x".repeat(25));
  assertEquals(terminal.shown.slice(2), ["x".repeat(20), "xxxxx", "50 %", "> ty|ped"]);
  screen.status = undefined;
  await screen.leave("bye\n");
  assertEquals(terminal.shown.slice(2), ["x".repeat(20), "xxxxx", "bye", "|"]);
});

Deno.test("an open line whose width terminals disagree on is closed when it gets too long", async () => {
  const { terminal, screen, state } = drawing();
  await screen.print("👨‍👩‍👧".repeat(10));
  await screen.print("next\n");
  assertEquals([terminal.shown.at(-2), state.closed], ["next", 1]);
});

Deno.test("what comes after leaving waits for the return", async () => {
  const { terminal, screen, state } = drawing();
  state.typed = { text: "typed", cursor: 5 };
  screen.refresh();
  const { promise, resolve } = Promise.withResolvers<void>();
  await screen.leave("", promise);
  const printing = screen.print("meanwhile\n");
  assertEquals(await isPending(printing), true);
  assertEquals(terminal.shown, ["|"]);
  screen.enter("");
  resolve();
  await printing;
  assertEquals(terminal.shown, ["meanwhile", "> typed|"]);
});

Deno.test("a terminal that can't be written to is an error for who writes", async () => {
  const screen = new Screen({
    write: () => Promise.reject(new Error("gone")),
    size: () => ({ columns: COLUMNS, rows: 10 }),
    input: () => undefined,
    styled: plain,
    lineClosed() {},
  });
  screen.refresh();
  await assertRejects(() => screen.print("text"), Error, "gone");
  await screen.written;
});

/** Terminals, as far as they can be told without one. */
import { assertEquals } from "@std/assert";
import { handleSignals } from "../../src/cli/signals.ts";
import { movesCursor, pressInterrupt } from "../../src/transports/terminal.ts";
import { handleTerminalSignals } from "../../src/transports/terminal_signals.ts";
import { pretend } from "../support/system.ts";

/** Names in TERM, and whether such a terminal can have an input line. */
const NAMES: readonly (readonly [string | undefined, boolean])[] = [
  ["xterm-256color", true],
  ["screen", true],
  ["dumb", false],
  ["", false],
  [undefined, false],
];

Deno.test("a terminal has a cursor that moves, unless TERM says otherwise or nothing", () => {
  for (const [name, moves] of NAMES) assertEquals(movesCursor(name), moves, name);
});

Deno.test("on Windows TERM means nothing, and the console sends no signals but Ctrl-C's key", () => {
  using _ = pretend("windows");
  for (const [name] of NAMES) assertEquals(movesCursor(name), true, name);
  const nothing = () => {
    throw new Error("no signal is listened to");
  };
  handleTerminalSignals({ resized: nothing, suspend: nothing, resumed: nothing });
  const signals = handleSignals("own", "client", "9000");
  pressInterrupt();
  assertEquals([signals.stop.aborted, signals.stop.reason.signal], [true, "SIGINT"]);
  signals.release();
});

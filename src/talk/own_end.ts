/** Our own stdin and stdout: with an input line where a person types, as they are elsewhere. */
import type { Duplex } from "../core/duplex.ts";
import { escapeText } from "../core/escape.ts";
import type { Log } from "../core/log.ts";
import type { OptionsOf } from "../flags/flag.ts";
import { type generalFlags, wantsColor } from "../options/general.ts";
import { stdio } from "../transports/stdio.ts";
import { hasCursor, writeErrorLine } from "../transports/terminal.ts";
import { SharedLines } from "../wrap/prefix.ts";

/** Our own end of a conversation. */
export interface OwnEnd extends AsyncDisposable {
  readonly connection: Duplex;
  /** Whether it has an input line. */
  readonly hasInputLine: boolean;
  /** Shows a line of a command's stderr; undefined where that goes to ours by itself. */
  readonly errorLine?: (line: string) => void;
  /** The lines of stdout. */
  readonly lines: SharedLines;
}

interface OwnEndOptions {
  /** Whether a person types what is sent, and reads what arrives as it is meant for people. */
  readonly conversation: boolean;
  readonly color: OptionsOf<typeof generalFlags>["color"];
  readonly log: Log;
  /** Our own name in the room that we host. */
  readonly ownName?: string;
  /** Called when a person has ended the input, with Ctrl-D. */
  readonly onEnd?: () => void;
}

/** Opens our own end. The input line is loaded here, only where there is one. */
export async function ownEnd(options: OwnEndOptions): Promise<OwnEnd> {
  const lines = new SharedLines();
  if (!options.conversation || !hasCursor()) {
    return { connection: stdio, hasInputLine: false, lines, async [Symbol.asyncDispose]() {} };
  }
  const { InputLine } = await import("./terminal/input_line.ts");
  const { log, ownName, onEnd } = options;
  const color = wantsColor(options.color, true);
  const connection = new InputLine(stdio, { color, log, lines, ownName, onEnd });
  return {
    connection,
    hasInputLine: true,
    errorLine: (line) => writeErrorLine(escapeText(line)),
    lines,
    [Symbol.asyncDispose]: () => connection[Symbol.asyncDispose](),
  };
}

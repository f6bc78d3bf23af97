/**
 * The terminal that a person talks on: read key by key, and given back as it was, whatever ends the
 * program. Who draws on it gets the lines for stderr as well.
 */
import { platform } from "../platform/platform.ts";
import { ErrorLines } from "./error_lines.ts";
import { libc } from "./libc.ts";
import { stderr, stdout } from "./patient.ts";

/** Who draws on the terminal. */
export interface Tenant {
  /** Written when the program ends without having left the terminal. */
  readonly farewell: string;
  /** Whether all that it was given is written. */
  readonly isIdle: boolean;
  /** Resolves once it is. */
  readonly written: Promise<void>;
  /** Shows a line of stderr. */
  line(text: string): void;
  /** Shows a line that is replaced by the next; undefined takes it away. */
  status(text: string | undefined): void;
}

let tenant: Tenant | undefined;

/** A row at the end of stderr's terminal that is drawn again and again. */
export interface StatusRow {
  /** Makes the terminal's last row one for a line of stderr. */
  makeRoom(): void;
}

let statusRow: StatusRow | undefined;

/** Sets the row that has to make room for each line of stderr. */
export function setStatusRow(row: StatusRow): void {
  statusRow = row;
}

/** Room for a `struct termios`, bytes: it has 60 on Linux, 72 on macOS. */
const TERMIOS_SIZE = 128;
const STDIN = 0;
/** Changes attributes at once (TCSANOW): waiting for output could take for ever. */
const NOW = 0;

/** Whether the terminal was left while it took nothing: to write to it would wait as well. */
let isStuck = false;

/** The terminal's attributes before it was taken. */
let before: Uint8Array<ArrayBuffer> | undefined;

/** Events before the program ends, also by an error that nothing catches. */
const ENDS = ["unload", "error", "unhandledrejection"];

/** Whether keys can be read one by one, and rows drawn again. */
export function hasCursor(): boolean {
  return Deno.stdin.isTerminal() && Deno.stdout.isTerminal() && movesCursor(Deno.env.get("TERM"));
}

/** Whether a terminal of this name (TERM) obeys control sequences. */
export function movesCursor(name: string | undefined): boolean {
  return !platform().namesTerminals || ![undefined, "", "dumb", "unknown"].includes(name);
}

/** The size of the terminal; 80 columns and 24 rows where it isn't known. */
export function terminalSize(): { columns: number; rows: number } {
  try {
    const { columns, rows } = Deno.consoleSize();
    return { columns: columns || 80, rows: rows || 24 };
  } catch {
    return { columns: 80, rows: 24 };
  }
}

/**
 * Reads key by key from now on. Where the system can, Ctrl-C and Ctrl-Z still are signals. Throws
 * if the terminal is gone.
 */
export function takeTerminal(next: Tenant): void {
  if (!tenant) before = attributesNow();
  Deno.stdin.setRaw(true, { cbreak: platform().terminalSignals });
  tenant = next;
  isStuck = false;
  for (const end of ENDS) globalThis.addEventListener(end, restoreTerminal);
}

/** The terminal's attributes; undefined where they can't be read. */
function attributesNow(): Uint8Array<ArrayBuffer> | undefined {
  const attributes = new Uint8Array(TERMIOS_SIZE);
  return libc()?.tcgetattr(STDIN, attributes) === 0 ? attributes : undefined;
}

/** Makes the terminal what it was. Idempotent; for a program that ends in any way. */
export function restoreTerminal(): void {
  if (!tenant) return;
  if (tenant.isIdle) write(stdout, tenant.farewell);
  giveBackTerminal();
}

/** The same after the last words are written. */
export function giveBackTerminal(): void {
  if (!tenant) return;
  isStuck = !tenant.isIdle && Deno.stderr.isTerminal();
  tenant = undefined;
  if (before && libc()?.tcsetattr(STDIN, NOW, before) === 0) return;
  try {
    Deno.stdin.setRaw(false);
  } catch {
    // The terminal is gone.
  }
}

/** Who draws on the terminal that stderr writes to, if somebody does. */
export function stderrTenant(): Tenant | undefined {
  return tenant && Deno.stderr.isTerminal() ? tenant : undefined;
}

/** Whether stderr is a terminal. */
export function stderrIsTerminal(): boolean {
  return Deno.stderr.isTerminal();
}

/** Resolves once what was drawn is written. */
export async function drawn(): Promise<void> {
  await tenant?.written;
}

/**
 * Writes one line to stderr, and waits until it is written, but for a terminal that takes nothing,
 * and behind lines that nothing waits for.
 * A closed stderr is ignored: nothing could report it.
 */
export function writeErrorLine(line: string): void {
  const drawing = stderrTenant();
  if (soon.isBusy) soon.add(line);
  else if (drawing) drawing.line(line);
  else if (isStuck) stderr.write(new TextEncoder().encode(`${line}\n`)).catch(() => {});
  else {
    statusRow?.makeRoom();
    write(stderr, `${line}\n`);
  }
}

/** Lines that nothing waits for. */
const soon = new ErrorLines(() => stderr);
let isFlushedAtEnd = false;

/**
 * Writes a line as `writeErrorLine` does, but without waiting for it, with those that follow it: a
 * write for each of thousands a second would hold up their connections, and one to a terminal that
 * takes nothing all of them. What doesn't fit in memory then is dropped.
 */
export function writeErrorLineSoon(line: string): void {
  if (stderrTenant() || statusRow) return writeErrorLine(line);
  if (!isFlushedAtEnd) {
    isFlushedAtEnd = true;
    for (const end of ENDS) globalThis.addEventListener(end, () => soon.flush());
  }
  soon.add(line);
}

/** Sets what tells of lines that were dropped, by a line of its own. */
export function onLinesDropped(tell: (count: number) => void): void {
  soon.onDropped = tell;
}

/** Resolves once all lines are written; not before long where stderr takes nothing. */
export async function errorLinesWritten(): Promise<void> {
  await soon.written();
}

function write(stream: { writeSync(bytes: Uint8Array): number }, text: string): void {
  try {
    let rest = new TextEncoder().encode(text);
    while (rest.length > 0) rest = rest.subarray(stream.writeSync(rest));
  } catch {
    // It is closed.
  }
}

let interrupt = () => {};

/** Sets what Ctrl-C does where the terminal makes no signal of it. */
export function onInterruptKey(act: () => void): void {
  interrupt = act;
}

/** Does what SIGINT does. */
export function pressInterrupt(): void {
  interrupt();
}

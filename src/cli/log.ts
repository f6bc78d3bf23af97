/** Writes events to stderr: a line of text for people, or of JSON for programs. */
import { bold, cyan, dim, green, magenta, red, yellow } from "@std/fmt/colors";
import { escapeLine } from "../core/escape.ts";
import { formatEventJson, maskEvent, maskText } from "../core/event_json.ts";
import { type Event, type Level, Log } from "../core/log.ts";
import { onLinesDropped, writeErrorLine, writeErrorLineSoon } from "../transports/terminal.ts";

export interface LogOptions {
  readonly level: Level;
  readonly format: "text" | "json";
  readonly color: boolean;
}

/** The log of a command, on stderr. */
export function stderrLog({ level, format, color }: LogOptions): Log {
  const render = format === "json" ? renderJson : color ? renderColored : renderText;
  const log = new Log((event) => {
    const write = FREQUENT.has(event.event) ? writeErrorLineSoon : writeErrorLine;
    write(render(event));
  }, level);
  // Where errors alone are written, errors alone were dropped.
  const tell = level === "error" ? log.error.bind(log) : log.warn.bind(log);
  onLinesDropped((count) => {
    const lines = `${count} line${count === 1 ? "" : "s"}`;
    tell("dropped-lines", `${lines} dropped: stderr took nothing for too long`, { count });
  });
  return log;
}

/** Events of connections, of which a busy relay has thousands a second. */
const FREQUENT: ReadonlySet<string> = new Set(["closed", "failed", "refused"]);

function renderJson(event: Event): string {
  return formatEventJson(maskEvent(event));
}

function renderText(event: Event): string {
  return escapeLine(label(event) + maskText(event));
}

/** The number of the connection, and for errors the program's name. */
function label({ id, level }: Event): string {
  const prefix = level === "error" ? "coax: " : "";
  return id === undefined ? prefix : `${prefix}[${id}] `;
}

/** Colors by the mark of a hexdump's line: received, sent; recorded, received instead. */
const DUMPS: Record<string, (line: string) => string> = {
  "<": cyan,
  ">": magenta,
  "-": red,
  "+": green,
};

function renderColored(event: Event): string {
  const line = renderText(event);
  if (event.event === "dump") return (DUMPS[event.text[0]!] ?? dim)(line);
  switch (event.level) {
    case "error":
      return red(line);
    case "warn":
      return yellow(line);
    case "info":
      if (event.event === "closed" && event.error !== undefined) return yellow(line);
      return event.event === "listening" ? bold(line) : line;
    default:
      return dim(line);
  }
}

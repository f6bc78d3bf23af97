/** Parses what a member asks for, from a typed line or from JSON. */
import { escapeLine } from "../../core/escape.ts";
import { cutLine, cutText, LONGEST_LINE, MOST_LINES, type TypedLine } from "./lines.ts";
import { isTooLong } from "./names.ts";

export type Request =
  | { type: "say" | "me" | "nick"; text: string }
  | { type: "msg"; to: string; text: string }
  | { type: "who" | "help" | "quit" }
  /** Invalid; the text says why. */
  | { type: "wrong"; text: string };

/** What can be typed, and what it does: a group for each line of `/help`. */
export const COMMANDS: readonly (readonly (readonly [typed: string, does: string])[])[] = [
  [["/nick NAME", "changes your name"], ["/who", "lists who is here"], ["/quit", "leaves"]],
  [["/me TEXT", "says what you do"], ["/msg NAME TEXT", "tells one member alone"]],
];
/** How a text that looks like a command is said. */
export const SLASHES = "a line that begins with // is said with one slash";

/** The lines of `/help`, each sent as a notice. */
export const HELP: readonly string[] = [
  ...COMMANDS.map((group) => group.map((command) => command.join(" ")).join(", ")),
  SLASHES,
];

/** The notice to the sender of a private line that has no recipient. */
export const nobodyCalled = (name: string) => `nobody here is called ${name}`;

/** The notice to a member that asks for a name that another one has. */
export const nameTaken = (name: string) => `the name ${name} is taken`;

const wrong = (text: string): Request => ({ type: "wrong", text });

/** Escapes control characters but tabs, and replaces lone surrogates, which JSON can't carry. */
export function clean(text: string): string {
  const sound = text.toWellFormed();
  return sound.includes("\t") ? sound.split("\t").map(escapeLine).join("\t") : escapeLine(sound);
}

/** The same for a text of several lines, whose ends stay. */
export function cleanLines(text: string): string {
  return text.includes("\n") ? text.split("\n").map(clean).join("\n") : clean(text);
}

const CUT: Request = wrong(`a line has at most ${LONGEST_LINE} bytes: the rest of yours is lost`);
const TOO_MANY: Request = wrong(
  `a text has at most ${MOST_LINES} lines: the rest of yours is lost`,
);

/** Parses a typed line; an empty one gives no request. */
export function parseLine({ text, cut }: TypedLine): Request[] {
  const line = text.trimEnd();
  if (line === "") return [];
  return cut ? [parseText(line), CUT] : [parseText(line)];
}

/** Parses what has been typed and is one request: a command, or a text of one or several lines. */
export function parseText(text: string): Request {
  return sanitized(parseTyped(text));
}

function parseTyped(text: string): Request {
  if (!text.startsWith("/")) return { type: "say", text };
  if (text.startsWith("//")) return { type: "say", text: text.slice(1) };
  const [, command, rest] = /^\/(\S*)\s*(.*)$/s.exec(text)!;
  switch (command) {
    case "nick":
      return rest ? { type: "nick", text: rest } : wrong("/nick needs a name");
    case "me":
      return rest ? { type: "me", text: rest } : wrong("/me needs a text");
    case "msg": {
      const [, to, text] = /^(\S+)\s+(.*)$/s.exec(rest!) ?? [];
      return text ? { type: "msg", to: to!, text } : wrong("/msg needs a name and a text");
    }
    case "who":
    case "help":
    case "quit":
      return { type: command };
    default:
      return wrong(`/${command} is no command; /help lists them, // says a line with a slash`);
  }
}

/** A request with its texts escaped; `parseName` checks the name of a `nick` later. */
function sanitized(request: Request): Request {
  switch (request.type) {
    case "say":
    case "me":
      return { ...request, text: cleanLines(request.text) };
    case "wrong":
      return { ...request, text: clean(request.text) };
    case "msg":
      return { ...request, to: clean(request.to), text: cleanLines(request.text) };
    default:
      return request;
  }
}

/** Parses a member's JSON message, `{type, text, to}`; a text may have several lines. */
export function parseJson(message: string): Request[] {
  let value: unknown;
  try {
    value = JSON.parse(message);
  } catch {
    return [wrong("expected JSON")];
  }
  const { type, text, to } = (value ?? {}) as Record<string, unknown>;
  if (type === "who") return [{ type }];
  if (type !== "say" && type !== "me" && type !== "nick" && type !== "msg") {
    return [wrong('expected an object with a type: "say", "me", "nick", "msg" or "who"')];
  }
  if (typeof text !== "string" || text.trim() === "") return [wrong(`${type} needs a text`)];
  const line = cutLine(text);
  const lines = cutText(line.text);
  const trimmed = lines.text;
  const rest = line.cut ? [CUT] : lines.cut ? [TOO_MANY] : [];
  if (type !== "msg") return [sanitized({ type, text: trimmed }), ...rest];
  if (typeof to !== "string" || isTooLong(to)) return [wrong("msg needs a name in to")];
  return [sanitized({ type, to, text: trimmed }), ...rest];
}

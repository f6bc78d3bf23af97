/** Parses what has been typed or pasted: commands, and a text that is whole; all or nothing. */
import { cutLine, cutText, LONGEST_LINE, MOST_LINES } from "../protocol/lines.ts";
import { parseText, type Request } from "../protocol/requests.ts";

/** Commands whose text may have several lines; any other one ends with its line. */
const TAKES_LINES = /^\/(?:me|msg)\s/;
/** Where the next command begins: what is told to one alone doesn't become part of another text. */
const NEXT_COMMAND = /\n(?=\/(?:nick|who|me|msg|help|quit)(?:\s|$))/;

/**
 * Parses `text`. Throws if it is too long, or if more than `most` lines would become pending.
 *
 * @param to The only recipient of what isn't a command.
 */
export function parseTyped(text: string, most: number, to?: string): Request[] {
  const requests: Request[] = [];
  for (let rest = cutText(text, Infinity).text; rest !== "";) {
    const end = endOf(rest);
    const piece = end < 0 ? rest : rest.slice(0, end);
    rest = end < 0 ? "" : cutText(rest.slice(end + 1), Infinity).text;
    if (cutLine(piece).cut) {
      throw new Error(`A message has at most ${LONGEST_LINE} bytes: please shorten it.`);
    }
    if (cutText(piece).cut) {
      throw new Error(`A message has at most ${MOST_LINES} lines: please split it.`);
    }
    requests.push(addressed(parseText(piece), to));
  }
  const count = requests.filter(isLine).length;
  if (count > 0 && count > most) {
    throw new Error("Too many lines wait to be sent: please keep this for later.");
  }
  return requests;
}

/** Where the first request of a text ends; -1 for all of it. */
function endOf(text: string): number {
  if (!text.startsWith("/") || text.startsWith("//")) return -1;
  return TAKES_LINES.test(text) ? text.search(NEXT_COMMAND) : text.indexOf("\n");
}

/** What is said in private. The protocol has no private `/me`, and nothing private gets public. */
function addressed(request: Request, to: string | undefined): Request {
  if (to === undefined) return request;
  if (request.type === "say") return { type: "msg", to, text: request.text };
  if (request.type !== "me") return request;
  return { type: "wrong", text: "/me is for everyone: this was not sent" };
}

function isLine({ type }: Request): boolean {
  return type === "say" || type === "me" || type === "msg";
}

/**
 * The heads of an HTTP proxy's requests and answers (RFC 9112 §3.2.2): what concerns one connection
 * stays there, everything else is passed on as it came (RFC 9110 §7.6).
 */
import { listOf, type RequestHead, type ResponseHead } from "../http/head.ts";
import { isInterim } from "../http/response.ts";

/** Of a URL without its user: host and port, and what the target calls the rest. */
const URL_PARTS = /^http:\/\/(?:[^@/?]*@)?([^/?]+)(.*)$/i;

/** Fields of one connection, whether its Connection field names them or not (RFC 9110 §7.6.1). */
const HOP_BY_HOP = [
  "connection",
  "keep-alive",
  "proxy-connection",
  "proxy-authenticate",
  "proxy-authentication-info",
  "proxy-authorization",
  "te",
  "upgrade",
];
/** Of one connection as well, but the content is passed on as it is, and so is what delimits it. */
const FRAMING = ["content-length", "transfer-encoding"];
/** What Via calls us (RFC 9110 §7.6.3). */
const PSEUDONYM = "coax";
const LAST = "Connection: close";

/** The host and port that a request's URL names; undefined where it isn't one. */
export function authorityOf({ target }: RequestHead): string | undefined {
  return URL_PARTS.exec(target)?.[1];
}

/** A request's head, of which `text` is what came, as its target wants it. */
export function requestFor(text: string, request: RequestHead): Uint8Array {
  const { method, target, version, headers } = request;
  const [, authority, rest] = URL_PARTS.exec(target)!;
  // Who asks for no path asks about the server (RFC 9112 §3.2.4).
  const path = rest === "" && method === "OPTIONS" ? "*" : rest!.replace(/^(?!\/)/, "/");
  const fields = without(text.replace(/^\r\n/, ""), ofThisHop(headers).add("host"));
  const left = maxForwards(request);
  return bytesOf([
    // An answer to HTTP/1.0 must not come in chunks.
    `${method} ${path} HTTP/${version === "1.0" ? "1.0" : "1.1"}`,
    `Host: ${authority}`,
    ...fields.map((line) =>
      left && /^max-forwards:/i.test(line) ? `Max-Forwards: ${left - 1}` : line
    ),
    via(version),
    LAST,
  ]);
}

/** How many more proxies may pass a request on, where it says so (RFC 9110 §7.6.2). */
export function maxForwards({ method, headers }: RequestHead): number | undefined {
  if (method !== "TRACE" && method !== "OPTIONS") return undefined;
  const value = headers.get("max-forwards") ?? "";
  return /^\d{1,15}$/.test(value) ? Number(value) : undefined;
}

/** The head of an answer, of which `text` is what came, for the client: none follows the last. */
export function answerFor(text: string, head: ResponseHead): Uint8Array {
  const [line] = text.split("\r\n", 1);
  const fields = without(text, ofThisHop(head.headers));
  const closing = isInterim(head) ? [] : [LAST];
  return bytesOf([
    line!.replace(/^HTTP\/1\.\d/, "HTTP/1.1"),
    ...fields,
    via(head.version),
    ...closing,
  ]);
}

/**
 * Names, in lower case, of the trailer fields that a message must not hand on (RFC 9110 §6.5.1).
 */
export function withheldTrailers(headers: Headers): ReadonlySet<string> {
  return new Set([...ofThisHop(headers), ...FRAMING, "host"]);
}

/** Names, in lower case, of what a message says to us alone. */
function ofThisHop(headers: Headers): Set<string> {
  const named = listOf(headers, "connection").map((name) => name.toLowerCase());
  return new Set([...named.filter((name) => !FRAMING.includes(name)), ...HOP_BY_HOP]);
}

function via(version: string): string {
  return `Via: ${version} ${PSEUDONYM}`;
}

/** The lines of a head behind its first one, as they came, without the fields of these names. */
function without(head: string, names: ReadonlySet<string>): string[] {
  const [, ...lines] = head.split("\r\n");
  return lines.filter((line) => !names.has(line.slice(0, line.indexOf(":")).toLowerCase()));
}

/** Lines of one character for each byte, as a head. */
function bytesOf(lines: readonly string[]): Uint8Array {
  return Uint8Array.from(lines.join("\r\n") + "\r\n\r\n", (character) => character.charCodeAt(0));
}

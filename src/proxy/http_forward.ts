/**
 * The heads that an HTTP proxy forwards (RFC 9112 §3.2.2): without hop-by-hop fields, everything
 * else as received (RFC 9110 §7.6).
 */
import { listOf, type RequestHead, type ResponseHead } from "../http/head.ts";
import { isInterim } from "../http/response.ts";

/** Authority of a URL without its user, and what follows it. */
const URL_PARTS = /^http:\/\/(?:[^@/?]*@)?([^/?]+)(.*)$/i;

/** Hop-by-hop fields, whether the Connection field names them or not (RFC 9110 §7.6.1). */
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
/** Fields that delimit the content, which is forwarded as it is. */
const FRAMING = ["content-length", "transfer-encoding"];
/** Our name in Via (RFC 9110 §7.6.3). */
const PSEUDONYM = "coax";
const CONNECTION_CLOSE = "Connection: close";

/** The host and port that a request's URL names; undefined where it isn't one. */
export function authorityOf({ target }: RequestHead): string | undefined {
  return URL_PARTS.exec(target)?.[1];
}

/** The head to send to the target for a request's head, received as `text`. */
export function requestFor(text: string, request: RequestHead): Uint8Array {
  const { method, target, version, headers } = request;
  const [, authority, rest] = URL_PARTS.exec(target)!;
  // OPTIONS without a path is for the server as a whole (RFC 9112 §3.2.4).
  const path = rest === "" && method === "OPTIONS" ? "*" : rest!.replace(/^(?!\/)/, "/");
  const fields = fieldsWithout(text.replace(/^\r\n/, ""), hopByHopFields(headers).add("host"));
  const forwards = maxForwards(request);
  return bytesOf([
    // An HTTP/1.0 client can't read chunked coding.
    `${method} ${path} HTTP/${version === "1.0" ? "1.0" : "1.1"}`,
    `Host: ${authority}`,
    ...fields.map((line) =>
      forwards && /^max-forwards:/i.test(line) ? `Max-Forwards: ${forwards - 1}` : line
    ),
    via(version),
    CONNECTION_CLOSE,
  ]);
}

/** How many more times a request may be forwarded, if it limits that (RFC 9110 §7.6.2). */
export function maxForwards({ method, headers }: RequestHead): number | undefined {
  if (method !== "TRACE" && method !== "OPTIONS") return undefined;
  const value = headers.get("max-forwards") ?? "";
  return /^\d{1,15}$/.test(value) ? Number(value) : undefined;
}

/** The head to send to the client for an answer's head, received as `text`. */
export function answerFor(text: string, head: ResponseHead): Uint8Array {
  const [line] = text.split("\r\n", 1);
  const fields = fieldsWithout(text, hopByHopFields(head.headers));
  const close = isInterim(head) ? [] : [CONNECTION_CLOSE];
  return bytesOf([
    line!.replace(/^HTTP\/1\.\d/, "HTTP/1.1"),
    ...fields,
    via(head.version),
    ...close,
  ]);
}

/**
 * Names, in lower case, of the trailer fields that a message must not hand on (RFC 9110 §6.5.1).
 */
export function withheldTrailers(headers: Headers): ReadonlySet<string> {
  return new Set([...hopByHopFields(headers), ...FRAMING, "host"]);
}

/** Names, in lower case, of a message's hop-by-hop fields. */
function hopByHopFields(headers: Headers): Set<string> {
  const named = listOf(headers, "connection").map((name) => name.toLowerCase());
  return new Set([...named.filter((name) => !FRAMING.includes(name)), ...HOP_BY_HOP]);
}

function via(version: string): string {
  return `Via: ${version} ${PSEUDONYM}`;
}

/** The field lines of a head as received, without fields of these names. */
function fieldsWithout(head: string, names: ReadonlySet<string>): string[] {
  const [, ...lines] = head.split("\r\n");
  return lines.filter((line) => !names.has(line.slice(0, line.indexOf(":")).toLowerCase()));
}

/** A head's bytes, of lines with one character for each byte. */
function bytesOf(lines: readonly string[]): Uint8Array {
  return Uint8Array.from(lines.join("\r\n") + "\r\n\r\n", (character) => character.charCodeAt(0));
}

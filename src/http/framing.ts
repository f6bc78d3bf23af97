/** How a message's content is delimited, by its head (RFC 9112 §6.3). */
import { Chunked } from "./chunked.ts";
import { type Content, FixedLength, type OnData, UntilClose } from "./content.ts";
import { HeadError, type RequestHead, type ResponseHead, TOKEN, withoutBlanks } from "./head.ts";

/** A list of codings without empty members, which parsers count differently. */
const CODINGS = new RegExp(`^(?:${TOKEN}[ \\t]*,[ \\t]*)*${TOKEN}$`);
const LENGTH = /^\d{1,15}$/;

/**
 * The content that a request declares, empty by default. Throws a `HeadError`.
 *
 * @param withheld Names of trailer fields, in lower case, that aren't handed on.
 */
export function contentOf(
  { version, headers }: Pick<RequestHead, "version" | "headers">,
  withheld?: ReadonlySet<string>,
  onData?: OnData,
): Content {
  const codings = codingsOf(version, headers);
  if (!codings) return new FixedLength(parseLength(headers.get("content-length") ?? "0"), onData);
  if (codings.at(-1) === "chunked") return new Chunked(withheld, onData);
  throw new HeadError(400, "Transfer-Encoding doesn't end with chunked");
}

/**
 * The content of the answer to a request with `method`, until the close by default. Throws a
 * `HeadError`.
 */
export function contentOfAnswer(
  method: string,
  { version, status, headers }: ResponseHead,
  withheld?: ReadonlySet<string>,
): Content {
  if (method === "HEAD" || status === 204 || status === 304) return new FixedLength(0);
  const codings = codingsOf(version, headers);
  if (codings) return codings.at(-1) === "chunked" ? new Chunked(withheld) : new UntilClose();
  const length = headers.get("content-length");
  return length === null ? new UntilClose() : new FixedLength(parseLength(length));
}

/** The codings of `Transfer-Encoding` in lower case; undefined without that field. */
function codingsOf(version: string, headers: Headers): string[] | undefined {
  const value = headers.get("transfer-encoding");
  if (value === null) return undefined;
  // Two lengths allow request smuggling (RFC 9112 §11.2).
  if (headers.has("content-length")) {
    throw new HeadError(400, "Content-Length beside Transfer-Encoding");
  }
  // An HTTP/1.0 intermediary may not have understood it (RFC 9112 §6.1).
  if (version === "1.0") throw new HeadError(400, "Transfer-Encoding in HTTP/1.0");
  const codings = value.toLowerCase().split(",").map(withoutBlanks);
  const once = codings.indexOf("chunked") === codings.lastIndexOf("chunked");
  if (CODINGS.test(value) && once) return codings;
  throw new HeadError(400, "malformed Transfer-Encoding");
}

function parseLength(text: string): number {
  if (LENGTH.test(text)) return Number(text);
  throw new HeadError(400, "malformed Content-Length");
}

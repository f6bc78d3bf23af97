/** Where a message's content ends on its connection, as its head says (RFC 9112 §6.3). */
import { Chunked } from "./chunked.ts";
import { type Content, FixedLength, UntilClose } from "./content.ts";
import { HeadError, type RequestHead, type ResponseHead, TOKEN } from "./head.ts";

/** Codings, `chunked` being the last: an empty member is none to one reader and one to another. */
const CODINGS = new RegExp(`^(?:${TOKEN}[ \\t]*,[ \\t]*)*${TOKEN}$`);
const LENGTH = /^\d{1,15}$/;

/**
 * The content that a request declares: none where it says nothing. Throws a `HeadError`.
 *
 * @param withheld Names of trailer fields, in lower case, that aren't handed on.
 */
export function contentOf(
  { version, headers }: Pick<RequestHead, "version" | "headers">,
  withheld?: ReadonlySet<string>,
): Content {
  const codings = codingsOf(version, headers);
  if (!codings) return new FixedLength(parseLength(headers.get("content-length") ?? "0"));
  if (codings.at(-1) === "chunked") return new Chunked(withheld);
  throw new HeadError(400, "Transfer-Encoding doesn't end with chunked");
}

/**
 * The content of the answer to a request with `method`; it may end with the connection alone.
 * Throws a `HeadError`.
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

/** The codings of `Transfer-Encoding`, in lower case, or nothing where there is none. */
function codingsOf(version: string, headers: Headers): string[] | undefined {
  const value = headers.get("transfer-encoding");
  if (value === null) return undefined;
  // Two ways to tell the end are how requests are smuggled (RFC 9112 §11.2).
  if (headers.has("content-length")) {
    throw new HeadError(400, "Content-Length beside Transfer-Encoding");
  }
  // It came with 1.1, so whoever is between us may not have understood it (RFC 9112 §6.1).
  if (version === "1.0") throw new HeadError(400, "Transfer-Encoding in HTTP/1.0");
  const codings = value.toLowerCase().split(",").map((coding) => coding.trim());
  const once = codings.indexOf("chunked") === codings.lastIndexOf("chunked");
  if (CODINGS.test(value) && once) return codings;
  throw new HeadError(400, "malformed Transfer-Encoding");
}

function parseLength(text: string): number {
  if (LENGTH.test(text)) return Number(text);
  throw new HeadError(400, "malformed Content-Length");
}

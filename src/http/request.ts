/** Reads one request within bounds, from any stream, as the web's `Request`. */
import { concat } from "../core/bytes.ts";
import type { Duplex } from "../core/duplex.ts";
import { BrokenError } from "../core/errors.ts";
import { contentOf } from "./framing.ts";
import { hasToken, parseRequest, readHead, type RequestHead } from "./head.ts";
import { HttpError } from "./http_error.ts";
import { parseAuthority } from "./origin.ts";

/** A request that was read to its end. */
export interface ReceivedRequest extends RequestHead {
  readonly body: Uint8Array;
}

export interface RequestRules {
  /** A longer body is refused, bytes. */
  readonly maxBody: number;
  /** Throws an `HttpError` for a head that is refused: its body is then left unread. */
  readonly judge: (head: RequestHead) => void;
}

const CONTINUE = new TextEncoder().encode("HTTP/1.1 100 Continue\r\n\r\n");
const READ_SIZE = 16 * 1024;
/** Methods that the web's `Request` doesn't have. */
const UNSUPPORTED: ReadonlySet<string> = new Set(["CONNECT", "TRACE", "TRACK"]);

/**
 * Reads a request. Resolves with null at EOF before its first byte. Rejects with an `HttpError` for
 * one that is refused, with a `BrokenError` at EOF inside it. The caller sets a deadline.
 */
export async function readRequest(
  stream: Duplex,
  { maxBody, judge }: RequestRules,
): Promise<ReceivedRequest | null> {
  const raw = await readHead(stream);
  if (!raw) return null;
  const head = withTargetsHost(parseRequest(raw.text));
  judge(head);
  return { ...head, body: await readBody(stream, head, raw.rest, maxBody) };
}

/** In a request as to a proxy, the target's host is what counts (RFC 9112 §3.2.2). */
function withTargetsHost(head: RequestHead): RequestHead {
  const { target, headers } = head;
  if (target.startsWith("/") || target === "*") return head;
  const url = URL.canParse(target) ? new URL(target) : undefined;
  if (url?.protocol !== "http:" && url?.protocol !== "https:") {
    throw new HttpError(400, "malformed request target");
  }
  headers.set("host", url.host);
  return { ...head, target: url.pathname + url.search };
}

async function readBody(
  stream: Duplex,
  head: RequestHead,
  rest: Uint8Array,
  maxBody: number,
): Promise<Uint8Array> {
  const tooLarge = () => new HttpError(413, `the body is longer than ${maxBody} bytes`);
  const parts: Uint8Array[] = [];
  let length = 0;
  const content = contentOf(head, undefined, (bytes) => {
    length += bytes.length;
    if (length > maxBody) throw tooLarge();
    parts.push(bytes.slice());
  });
  if (Number(head.headers.get("content-length")) > maxBody) throw tooLarge();
  content.take(rest);
  if (!content.done && head.version !== "1.0" && hasToken(head.headers, "expect", "100-continue")) {
    await stream.write(CONTINUE); // RFC 9110 §10.1.1
  }
  const buffer = content.done ? rest : new Uint8Array(READ_SIZE);
  while (!content.done) {
    const count = await stream.read(buffer);
    if (count === null) {
      throw new BrokenError("receive from", stream.peer, "ended inside a request's body");
    }
    content.take(buffer.subarray(0, count));
  }
  return concat(parts);
}

/** The request as the web's. Throws an `HttpError` for one that this has no form for. */
export function webRequest(
  { method, target, headers, body }: ReceivedRequest,
  signal: AbortSignal,
): Request {
  if (UNSUPPORTED.has(method)) throw new HttpError(405, `${method} isn't supported`);
  const host = headers.get("host") || "localhost"; // HTTP/1.0 may have none.
  // Any other text could become a part of the path.
  if (!parseAuthority(host)) throw new HttpError(400, "malformed Host");
  const url = `http://${host}${target === "*" ? "/*" : target}`;
  const hasBody = body.length > 0 && method !== "GET" && method !== "HEAD";
  return new Request(url, { method, headers, signal, body: hasBody ? body.slice() : undefined });
}

/** Sends the web's `Response` over any stream, as the connection's last. */
import { concat } from "../core/bytes.ts";
import { reasonPhrase } from "./answer.ts";
import { type Field, formatResponse, type RequestHead } from "./head.ts";

/** What a response's form depends on. */
type Asked = Pick<RequestHead, "method" | "version">;
type Reader = ReadableStreamDefaultReader<Uint8Array>;

/** A longer piece of a body is written in several, each with its own deadline, bytes. */
const PIECE = 64 * 1024;
const encoder = new TextEncoder();
const LAST_CHUNK = encoder.encode("0\r\n\r\n");

/**
 * Sends a response: with its length where its whole body is at hand, else as it grows, in chunks
 * (RFC 9112 §7.1) or until the close for HTTP/1.0. Rejects as `write` or the body does; the body is
 * cancelled then, and also when `gone` aborts, which is its reader's end.
 */
export async function sendResponse(
  write: (bytes: Uint8Array) => Promise<void>,
  response: Response,
  asked: Asked,
  gone: AbortSignal,
): Promise<void> {
  const { status, body } = response;
  if (!body || asked.method === "HEAD" || status === 204 || status === 304) {
    await body?.cancel();
    // The length of what a HEAD leaves out isn't known (RFC 9110 §8.6).
    const isEmpty = asked.method !== "HEAD" && status !== 204 && status !== 304;
    return await write(headOf(response, isEmpty ? 0 : undefined, asked));
  }
  const reader = body.getReader();
  const cancel = () => void reader.cancel(gone.reason).catch(() => {});
  gone.addEventListener("abort", cancel, { once: true });
  try {
    if (gone.aborted) throw gone.reason;
    await sendBody(write, response, reader, asked);
  } catch (error) {
    cancel();
    throw error;
  } finally {
    gone.removeEventListener("abort", cancel);
  }
}

async function sendBody(
  write: (bytes: Uint8Array) => Promise<void>,
  response: Response,
  reader: Reader,
  asked: Asked,
): Promise<void> {
  const first = reader.read();
  const start = await atHand(first);
  const second = start && !start.done ? reader.read() : undefined;
  const whole = start?.done || (second && (await atHand(second))?.done);
  if (whole) {
    const bytes = start!.value ?? new Uint8Array();
    return await writePieces(write, concat([headOf(response, bytes.length, asked), bytes]));
  }
  await write(headOf(response, "unknown", asked));
  const framed = asked.version === "1.0" ? (bytes: Uint8Array) => bytes : chunk;
  for (let next = await first, later = second; !next.done;) {
    if (next.value.length > 0) await writePieces(write, framed(next.value));
    next = await (later ?? reader.read());
    later = undefined;
  }
  if (asked.version !== "1.0") await write(LAST_CHUNK);
}

/** The value of `work` if it is there at the event loop's next turn, else undefined. */
async function atHand<T>(work: Promise<T>): Promise<T | undefined> {
  const turn = Promise.withResolvers<undefined>();
  const timer = setTimeout(() => turn.resolve(undefined), 0);
  try {
    return await Promise.race([work, turn.promise]);
  } finally {
    clearTimeout(timer);
  }
}

async function writePieces(
  write: (bytes: Uint8Array) => Promise<void>,
  bytes: Uint8Array,
): Promise<void> {
  for (let at = 0; at < bytes.length; at += PIECE) await write(bytes.subarray(at, at + PIECE));
}

function chunk(bytes: Uint8Array): Uint8Array {
  return concat([
    encoder.encode(`${bytes.length.toString(16)}\r\n`),
    bytes,
    encoder.encode("\r\n"),
  ]);
}

/** Fields that follow from how the body is sent. */
const FRAMING = new Set(["connection", "content-length", "transfer-encoding"]);

/** @param length Of the body, bytes; undefined where none is sent. */
function headOf(
  { status, statusText, headers }: Response,
  length: number | "unknown" | undefined,
  { version }: Asked,
): Uint8Array {
  const fields: Field[] = [...headers].filter(([name]) => !FRAMING.has(name));
  fields.push(["Date", new Date().toUTCString()], ["Connection", "close"]);
  if (typeof length === "number") fields.push(["Content-Length", String(length)]);
  else if (length && version !== "1.0") fields.push(["Transfer-Encoding", "chunked"]);
  return formatResponse(status, statusText || reasonPhrase(status), fields);
}

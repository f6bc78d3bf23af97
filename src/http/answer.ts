/** One plain HTTP exchange on a connection: what is no upgrade is answered, and that is its end. */
import { concat } from "../core/bytes.ts";
import type { Duplex } from "../core/duplex.ts";
import { settledWithin } from "../core/time.ts";
import { type Field, formatResponse } from "./head.ts";

/** An answer; its body is plain text where no other `Content-Type` is given. */
export interface Answer {
  readonly status: number;
  readonly headers?: readonly Field[];
  readonly body?: string | Uint8Array;
}

const REASONS: Readonly<Record<number, string>> = {
  200: "OK",
  204: "No Content",
  304: "Not Modified",
  400: "Bad Request",
  403: "Forbidden",
  404: "Not Found",
  405: "Method Not Allowed",
  426: "Upgrade Required",
  431: "Request Header Fields Too Large",
  500: "Internal Server Error",
  502: "Bad Gateway",
  503: "Service Unavailable",
  504: "Gateway Timeout",
  505: "HTTP Version Not Supported",
};

/** What a peer that has its answer may take to close, milliseconds. */
const LAST_READ = 1000;

/** The status and its words: `404 Not Found`. */
export function statusText(status: number): string {
  return `${status} ${REASONS[status] ?? "Status"}`;
}

/** An answer to a request with `method`, as bytes: the last of its connection. */
export function formatAnswer(method: string, answer: Answer): Uint8Array {
  const { status, headers = [], body = "" } = answer;
  const payload = typeof body === "string" ? new TextEncoder().encode(body) : body;
  const given = new Set(headers.map(([name]) => name.toLowerCase()));
  const standard: Field[] = [["Connection", "close"]];
  if (status !== 204 && status !== 304) { // They have no content, and no length of it.
    standard.push(["Content-Type", "text/plain; charset=utf-8"]);
    standard.push(["Content-Length", String(payload.length)]);
  }
  const fields = [...headers, ...standard.filter(([name]) => !given.has(name.toLowerCase()))];
  const head = formatResponse(status, REASONS[status] ?? "Status", fields);
  return method === "HEAD" ? head : concat([head, payload]);
}

/**
 * Sends the answer to a request with `method`, and ends the connection once the peer has, or after
 * a second: closing with bytes unread would be a reset, which can take the answer with it.
 */
export async function respond(stream: Duplex, method: string, answer: Answer): Promise<void> {
  await stream.write(formatAnswer(method, answer));
  await stream.closeWrite();
  await settledWithin(drain(stream), LAST_READ);
  stream.close();
}

async function drain(stream: Duplex): Promise<void> {
  const buffer = new Uint8Array(4096);
  while (await stream.read(buffer) !== null);
}

/** One plain HTTP answer, after which the connection is closed. */
import { concat } from "../core/bytes.ts";
import { drain } from "../core/drain.ts";
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
  201: "Created",
  202: "Accepted",
  204: "No Content",
  304: "Not Modified",
  400: "Bad Request",
  401: "Unauthorized",
  403: "Forbidden",
  404: "Not Found",
  405: "Method Not Allowed",
  407: "Proxy Authentication Required",
  408: "Request Timeout",
  409: "Conflict",
  413: "Content Too Large",
  415: "Unsupported Media Type",
  417: "Expectation Failed",
  426: "Upgrade Required",
  431: "Request Header Fields Too Large",
  500: "Internal Server Error",
  501: "Not Implemented",
  502: "Bad Gateway",
  503: "Service Unavailable",
  504: "Gateway Timeout",
  505: "HTTP Version Not Supported",
};

/** Time for a peer to close after its answer, milliseconds. */
const PEER_CLOSE_WAIT = 1000;

/** A status's reason phrase: `Not Found`. */
export function reasonPhrase(status: number): string {
  return REASONS[status] ?? "Status";
}

/** Status and reason phrase: `404 Not Found`. */
export function statusText(status: number): string {
  return `${status} ${reasonPhrase(status)}`;
}

/** The bytes of the last answer on a connection, to a request with `method`. */
export function formatAnswer(method: string, answer: Answer): Uint8Array {
  const { status, headers = [], body = "" } = answer;
  const payload = typeof body === "string" ? new TextEncoder().encode(body) : body;
  const overridden = new Set(headers.map(([name]) => name.toLowerCase()));
  const defaults: Field[] = [["Connection", "close"]];
  if (status !== 204 && status !== 304) { // They have no content (RFC 9110 §6.4.1).
    defaults.push(["Content-Type", "text/plain; charset=utf-8"]);
    defaults.push(["Content-Length", String(payload.length)]);
  }
  const fields = [...headers, ...defaults.filter(([name]) => !overridden.has(name.toLowerCase()))];
  const head = formatResponse(status, reasonPhrase(status), fields);
  return method === "HEAD" ? head : concat([head, payload]);
}

/**
 * Sends the answer to a request with `method`, and closes at the peer's EOF or after a second: a
 * close with bytes unread would be a reset, which can lose the answer (RFC 9112 §9.6).
 */
export async function respond(stream: Duplex, method: string, answer: Answer): Promise<void> {
  await stream.write(formatAnswer(method, answer));
  await stream.closeWrite();
  await settledWithin(drain(stream), PEER_CLOSE_WAIT);
  stream.close();
}

/** The client's side of the opening handshake (RFC 6455 §4.1). */
import type { Login } from "../address/login.ts";
import type { Duplex } from "../core/duplex.ts";
import { BrokenError, RefusedError } from "../core/errors.ts";
import { MAX_MESSAGE } from "../core/limits.ts";
import type { Log } from "../core/log.ts";
import { beginsWithTls, whatItSaid } from "../core/said.ts";
import { settledWithin } from "../core/time.ts";
import { type ChannelOptions, WebSocketChannel } from "./channel.ts";
import type { Deflate } from "./deflate.ts";
import { type Offer, offerDeflate } from "./deflate_offer.ts";
import { basic } from "../http/basic.ts";
import {
  type Field,
  formatRequest,
  hasToken,
  HeadError,
  listOf,
  type ResponseHead,
} from "../http/head.ts";
import { readAnswer } from "../http/response.ts";
import { acceptFor, randomKey } from "./key.ts";
import { redirectOf } from "./redirect.ts";
import { UpgradeRefusedError } from "./refusal.ts";

/** Options that the WebSocket decides for which another one is connected. */
export interface VisitorOptions {
  /** Subprotocols to offer, the best first. */
  readonly protocols?: readonly string[];
  /** Whether the server may choose none of them. */
  readonly mayDecline?: boolean;
  /** Fields as `readHead` has them, one character a byte; they count less than `headers`. */
  readonly passed?: readonly Field[];
}

export interface ClientOptions extends ChannelOptions, VisitorOptions {
  /** Further header fields; one that is ours as well (Host) replaces ours. */
  readonly headers?: readonly Field[];
  readonly origin?: string;
  /** Redirects to follow at most. */
  readonly follow?: number;
}

/** The resource to request. */
interface UpgradeTarget {
  /** The address as the user wrote it, for messages. */
  readonly text: string;
  /** Host, and port where it isn't the scheme's own (RFC 9112 §3.2). */
  readonly host: string;
  /** Path and query. */
  readonly path: string;
  /** The login of the address, for Basic authentication. */
  readonly login?: Login;
  /** The address of the same peer over TLS, where this one has none. */
  readonly secure?: string;
  /** The address of the same peer without WebSocket. */
  readonly plain?: string;
}

/** How much of a refusal's body is read, bytes. */
const BODY_LIMIT = 1024;
/** How long it is read, milliseconds: a server may keep the connection open. */
const BODY_WAIT = 500;

/**
 * Requests an upgrade on a new connection. Rejects with a `RedirectError` for a redirect, with a
 * `RefusedError` for any other answer but a valid 101, with a `BrokenError` when the connection
 * breaks. The caller sets a deadline.
 */
export async function connectWebSocket(
  stream: Duplex,
  target: UpgradeTarget,
  options: ClientOptions,
  log: Log,
): Promise<WebSocketChannel> {
  const { text, path } = target;
  const key = randomKey();
  const offer = offerDeflate(options.maxMessage ?? MAX_MESSAGE);
  log.debug("handshake", `handshake: GET ${path} from ${target.host}`, {
    address: text,
    request: `GET ${path}`,
  });
  const fields = requestFields(target, key, offer, options);
  const request = formatRequest("GET", path, fields, without(options.passed ?? [], fields));
  const answer = await stream.write(request).then(() => readAnswer(stream)).catch((error) => {
    throw handshakeError(error, target);
  });
  if (!answer) {
    const reason = `the server ended without an answer${overTls(target, "if it speaks TLS, try")}`;
    throw new BrokenError("handshake", text, reason);
  }
  const { head: response, rest } = answer;
  const { line } = response;
  log.debug("handshake", `handshake: ${line}`, { address: text, response: line });
  const redirect = redirectOf(response, text);
  if (redirect) throw redirect;
  if (response.status !== 101) {
    const body = await firstLine(stream, response.headers, rest);
    const isForTls = response.status === 400 && /HTTPS/i.test(body);
    const meant = isForTls ? overTls(target, "did you mean", "?") : "";
    const reason = body ? `${response.line}: ${body}${meant}` : response.line;
    throw new UpgradeRefusedError(text, reason, response);
  }
  const { protocol, deflate } = await checkUpgrade(response, key, offer, options).catch((error) => {
    throw new RefusedError("handshake", text, `${response.line}, but ${error.message}`);
  });
  const agreement = { isServer: false, target: path, protocol, deflate, rest };
  return new WebSocketChannel(stream, agreement, options, log);
}

/** Turns a failure to read the answer into an error of the handshake. */
function handshakeError(error: Error, target: UpgradeTarget): Error {
  const { text, plain } = target;
  if (error instanceof HeadError) {
    const { received, message } = error;
    if (beginsWithTls(received)) {
      const meant = overTls(target, "did you mean", "?");
      return new RefusedError("handshake", text, `no valid answer: it speaks TLS${meant}`);
    }
    const said = received.length > 0 ? `; ${whatItSaid(received)}` : "";
    const other = said && plain ? `; without WebSocket the address is ${plain}` : "";
    return new RefusedError("handshake", text, `no valid answer: ${message}${said}${other}`);
  }
  if (!(error instanceof BrokenError)) return error;
  return new BrokenError("handshake", text, error.reason, { cause: error });
}

/** `; did you mean wss://…`, or nothing where the address is one of TLS. */
function overTls({ secure }: UpgradeTarget, how: string, stop = ""): string {
  return secure ? `; ${how} ${secure}${stop}` : "";
}

function requestFields(
  { host, login }: UpgradeTarget,
  key: string,
  offer: Offer,
  options: ClientOptions,
): Field[] {
  const { headers = [], protocols = [], origin } = options;
  const ours: Field[] = [
    ["Host", host],
    ["Upgrade", "websocket"],
    ["Connection", "Upgrade"],
    ["Sec-WebSocket-Key", key],
    ["Sec-WebSocket-Version", "13"],
    ["Sec-WebSocket-Extensions", offer.header],
  ];
  if (protocols.length > 0) ours.push(["Sec-WebSocket-Protocol", protocols.join(", ")]);
  if (origin !== undefined) ours.push(["Origin", origin]);
  if (login) ours.push(["Authorization", basic(login)]);
  return [...without(ours, headers), ...headers];
}

/** The fields whose names `others` don't have. */
function without(fields: readonly Field[], others: readonly Field[]): Field[] {
  const names = new Set(others.map(([name]) => name.toLowerCase()));
  return fields.filter(([name]) => !names.has(name.toLowerCase()));
}

/** Checks a 101 (RFC 6455 §4.1). Rejects with a plain `Error` for what is wrong. */
async function checkUpgrade(
  { version, headers }: ResponseHead,
  key: string,
  offer: Offer,
  { protocols = [], mayDecline = false }: ClientOptions,
): Promise<{ protocol?: string; deflate?: Deflate }> {
  // HTTP/1.0 has no Upgrade (RFC 9110 §7.8).
  if (version === "1.0") throw new Error("HTTP/1.0 can't switch protocols");
  if (headers.get("upgrade")?.toLowerCase() !== "websocket") {
    throw new Error("Upgrade is not websocket");
  }
  if (!hasToken(headers, "connection", "upgrade")) throw new Error("Connection is not Upgrade");
  if (headers.get("sec-websocket-accept") !== await acceptFor(key)) {
    throw new Error("Sec-WebSocket-Accept doesn't match the key");
  }
  const protocol = headers.get("sec-websocket-protocol") ?? undefined;
  if (protocol !== undefined && !protocols.includes(protocol)) {
    throw new Error(`the subprotocol "${protocol}" was not asked for`);
  }
  if (protocol === undefined && protocols.length > 0 && !mayDecline) {
    const asked = protocols.join(", ");
    throw new Error(`the server speaks none of the subprotocols asked for (--protocol ${asked})`);
  }
  return { protocol, deflate: offer.settle(listOf(headers, "sec-websocket-extensions")) };
}

/** The first line of a refusal's body, as far as it arrives within `BODY_WAIT`. */
async function firstLine(stream: Duplex, headers: Headers, rest: Uint8Array): Promise<string> {
  const length = Number(headers.get("content-length") ?? BODY_LIMIT);
  const body = new Uint8Array(Math.min(Math.max(length, 0) || 0, BODY_LIMIT));
  let filled = Math.min(rest.length, body.length);
  body.set(rest.subarray(0, filled));
  // With chunked coding (RFC 9112 §7.1), the first line is the size of the first chunk.
  const skipped = hasToken(headers, "transfer-encoding", "chunked") ? 1 : 0;
  const lines = () => new TextDecoder().decode(body.subarray(0, filled)).split(/\r?\n/);
  const read = async () => {
    while (filled < body.length && lines().length < skipped + 2) {
      const count = await stream.read(body.subarray(filled));
      if (count === null) return;
      filled += count;
    }
  };
  await settledWithin(read(), BODY_WAIT);
  return lines()[skipped]?.trim() ?? "";
}

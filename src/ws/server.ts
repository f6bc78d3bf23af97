/** The server's side of the opening handshake (RFC 6455 §4.2). */
import type { Duplex } from "../core/duplex.ts";
import { BrokenError, CoaxError } from "../core/errors.ts";
import { MAX_MESSAGE } from "../core/limits.ts";
import type { Log } from "../core/log.ts";
import { type ChannelOptions, WebSocketChannel } from "./channel.ts";
import { acceptDeflate } from "./deflate_offer.ts";
import {
  type Field,
  formatResponse,
  hasToken,
  HeadError,
  listOf,
  parseRequest,
  readHead,
  type RequestHead,
} from "../http/head.ts";
import { type Answer, respond, statusText } from "../http/answer.ts";
import { forbidden } from "../http/origin.ts";
import { acceptFor, isKey } from "./key.ts";

export interface ServerOptions extends ChannelOptions {
  /** Subprotocols that we speak; the first that a client offers and we list is taken. */
  readonly protocols?: readonly string[];
  /** Origins and hosts beside our own that may come in. */
  readonly allowOrigin?: readonly string[];
  /** Whether there is something at this path with its query; without it, there is everywhere. */
  readonly serves?: (target: string) => boolean;
  /**
   * Answers requests that are no upgrade, by their method, headers and path with query; without an
   * answer they get 426.
   */
  readonly http?: (
    request: RequestHead,
    site: ServerLocation,
  ) => Answer | undefined | Promise<Answer | undefined>;
}

/** Where the server stands. */
export interface ServerLocation {
  /** The one target that is served; without one, every target is. */
  readonly path?: string;
  /** Whether only this machine can reach it over the network. */
  readonly loopback: boolean;
}

/** A quiet end without a WebSocket: a plain HTTP request was answered, or the peer only looked. */
export class NoUpgradeError extends CoaxError {
  readonly status = 0;
}

/**
 * Does the handshake with a client that has just connected. A request that can't be upgraded is
 * answered; then this rejects, with a `NoUpgradeError` if nothing is wrong with that. A deadline is
 * the caller's.
 */
export async function acceptWebSocket(
  stream: Duplex,
  site: ServerLocation,
  options: ServerOptions,
  log: Log,
): Promise<WebSocketChannel> {
  const { peer } = stream;
  let method = "GET";
  try {
    const head = await readHead(stream);
    if (!head) throw new NoUpgradeError("handshake", peer, "left without a request");
    const request = parseRequest(head.text);
    method = request.method;
    log.debug("handshake", `handshake: ${method} ${request.target} from ${peer}`, { peer });
    const answer = await judge(request, site, options);
    if (answer) return await turnAway(stream, method, answer, log);
    return await upgrade(stream, request, head.rest, options, log);
  } catch (error) {
    if (!(error instanceof HeadError)) throw error;
    return await turnAway(stream, method, plain(error.status, error.message), log);
  }
}

async function turnAway(
  stream: Duplex,
  method: string,
  answer: Answer,
  log: Log,
): Promise<never> {
  const { peer } = stream;
  const text = statusText(answer.status);
  log.debug("handshake", `handshake: ${text} to ${peer}`, { peer });
  await respond(stream, method, answer);
  if (answer.status < 400) throw new NoUpgradeError("handshake", peer, `answered with ${text}`);
  const why = typeof answer.body === "string" ? `: ${answer.body.trim()}` : "";
  throw new BrokenError("handshake", peer, `refused with ${text}${why}`);
}

/** Agrees on what can be agreed on, and switches protocols (RFC 6455 §4.2.2). */
async function upgrade(
  stream: Duplex,
  request: RequestHead,
  rest: Uint8Array,
  options: ServerOptions,
  log: Log,
): Promise<WebSocketChannel> {
  const { headers } = request;
  const { protocols = [], maxMessage = MAX_MESSAGE } = options;
  const protocol = listOf(headers, "sec-websocket-protocol").find((one) => protocols.includes(one));
  const { header, deflate } = agreeOnExtensions(headers, maxMessage);
  const fields: Field[] = [
    ["Upgrade", "websocket"],
    ["Connection", "Upgrade"],
    ["Sec-WebSocket-Accept", await acceptFor(headers.get("sec-websocket-key")!)],
  ];
  if (protocol !== undefined) fields.push(["Sec-WebSocket-Protocol", protocol]);
  if (header !== undefined) fields.push(["Sec-WebSocket-Extensions", header]);
  await stream.write(formatResponse(101, "Switching Protocols", fields));
  const details = [protocol, header].filter(Boolean).map((detail) => `, ${detail}`).join("");
  const { peer } = stream;
  log.debug("handshake", `handshake: 101 Switching Protocols to ${peer}${details}`, { peer });
  const agreement = { isServer: true, target: targetOf(request), protocol, deflate, rest };
  return new WebSocketChannel(stream, agreement, options, log);
}

function agreeOnExtensions(headers: Headers, maxMessage: number) {
  try {
    return acceptDeflate(listOf(headers, "sec-websocket-extensions"), maxMessage);
  } catch (error) {
    throw new HeadError(400, (error as Error).message);
  }
}

/** The answer to a request that is not going to be upgraded. */
async function judge(
  request: RequestHead,
  site: ServerLocation,
  options: ServerOptions,
): Promise<Answer | undefined> {
  const { method, version, headers } = request;
  const { allowOrigin = [], serves = () => true, http } = options;
  const why = forbidden(headers, { loopback: site.loopback, allowed: allowOrigin });
  if (why) return plain(403, why);
  const target = targetOf(request);
  if (site.path === undefined ? !serves(target) : !isAt(target, site.path)) {
    return plain(404, "nothing is served at this path");
  }
  const asksForUpgrade = hasToken(headers, "upgrade", "websocket") &&
    hasToken(headers, "connection", "upgrade");
  const answer = asksForUpgrade ? undefined : await http?.({ ...request, target }, site);
  if (answer) return answer;
  if (method !== "GET") return plain(405, "only GET can be upgraded", [["Allow", "GET"]]);
  if (!asksForUpgrade) return upgradeRequired("this is a WebSocket server");
  if (headers.get("sec-websocket-version") !== "13") {
    return upgradeRequired("only version 13 of the WebSocket protocol is spoken here");
  }
  if (version === "1.0") return plain(400, "an upgrade takes HTTP/1.1");
  if (!isKey(headers.get("sec-websocket-key") ?? "")) {
    return plain(400, "Sec-WebSocket-Key is not 16 bytes in base64");
  }
  return undefined;
}

/** RFC 9110 §15.5.22 asks for `Upgrade`, RFC 6455 §4.4 for the version. */
function upgradeRequired(why: string): Answer {
  return plain(426, why, [
    ["Upgrade", "websocket"],
    ["Connection", "Upgrade, close"],
    ["Sec-WebSocket-Version", "13"],
  ]);
}

/** An answer in a line of plain text. */
function plain(status: number, why: string, headers: readonly Field[] = []): Answer {
  return { status, headers, body: why + "\n" };
}

/** Path and query; a target may be a whole URL (RFC 9112 §3.2.2). */
function targetOf({ target }: RequestHead): string {
  if (target.startsWith("/") || !URL.canParse(target)) return target;
  const { pathname, search } = new URL(target);
  return pathname + search;
}

/** A path that was written without a query is served with any. */
function isAt(target: string, path: string): boolean {
  return target === path || (!path.includes("?") && target.split("?", 1)[0] === path);
}

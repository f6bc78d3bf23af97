/** The server's side of the opening handshake (RFC 6455 §4.2). */
import type { Channel, Duplex } from "../core/duplex.ts";
import { BrokenError, CoaxError } from "../core/errors.ts";
import type { Log } from "../core/log.ts";
import { beginsWithTls } from "../core/said.ts";
import {
  type Field,
  hasToken,
  HeadError,
  parseRequest,
  readHead,
  type RequestHead,
} from "../http/head.ts";
import { type Answer, respond, statusText } from "../http/answer.ts";
import { forbidden } from "../http/origin.ts";
import { isKey } from "./key.ts";
import { negotiate, type Negotiated, type NegotiationOptions, targetOf } from "./negotiation.ts";
import { PendingChannel } from "./pending.ts";

export interface ServerOptions extends NegotiationOptions {
  /** Origins and hosts that are allowed beside our own. */
  readonly allowOrigin?: readonly string[];
  /** Whether this path with its query is served; without it, every one is. */
  readonly serves?: (target: string) => boolean;
  /**
   * Answers a request that is no upgrade, whose target is path and query. Without an answer it
   * gets 426.
   */
  readonly http?: (
    request: RequestHead,
    location: ServerLocation,
  ) => Answer | undefined | Promise<Answer | undefined>;
}

/** What the server serves, and who can reach it. */
export interface ServerLocation {
  /** The one target that is served; without one, every target is. */
  readonly path?: string;
  /** Whether only this machine can reach it over the network. */
  readonly loopback: boolean;
}

/** No failure: a plain HTTP request was answered, or the peer closed without a request. */
export class NoUpgradeError extends CoaxError {
  readonly status = 0;
}

/**
 * Does the handshake with a new client. A request that isn't upgraded is answered; then this
 * rejects, with a `NoUpgradeError` for a status below 400, with a `BrokenError` for any other. The
 * caller sets a deadline.
 */
export async function acceptWebSocket(
  stream: Duplex,
  location: ServerLocation,
  options: ServerOptions,
  log: Log,
): Promise<Channel> {
  const { peer } = stream;
  let method = "GET";
  try {
    const head = await readHead(stream);
    if (!head) throw new NoUpgradeError("handshake", peer, "left without a request");
    const request = parseRequest(head.text);
    method = request.method;
    const line = `${method} ${request.target}`;
    log.debug("handshake", `handshake: ${line} from ${peer}`, { peer, request: line });
    const answer = await answerWithoutUpgrade(request, location, options);
    if (answer) return await answerInstead(stream, method, answer, log);
    const negotiated = negotiate(stream, request, head.rest, options, log);
    return options.deferred
      ? deferred(stream, request, negotiated, log)
      : await negotiated.switchTo(negotiated.protocol);
  } catch (error) {
    if (!(error instanceof HeadError)) throw error;
    if (beginsWithTls(error.received)) throw new BrokenError("handshake", peer, SPEAKS_TLS);
    return await answerInstead(stream, method, textAnswer(error.status, error.message), log);
  }
}

const SPEAKS_TLS =
  "the client speaks TLS, and this address doesn't; listen on wss:// for it, with " +
  "--cert FILE --key FILE or --self-signed";

async function answerInstead(
  stream: Duplex,
  method: string,
  answer: Answer,
  log: Log,
): Promise<never> {
  const { peer } = stream;
  const text = logAnswer(stream, answer.status, log);
  await respond(stream, method, answer);
  if (answer.status < 400) throw new NoUpgradeError("handshake", peer, `answered with ${text}`);
  const why = typeof answer.body === "string" ? `: ${answer.body.trim()}` : "";
  throw new BrokenError("handshake", peer, `refused with ${text}${why}`);
}

/** Logs an answer's status, and returns it as text. */
function logAnswer({ peer }: Duplex, status: number, log: Log): string {
  const response = statusText(status);
  log.debug("handshake", `handshake: ${response} to ${peer}`, { peer, response });
  return response;
}

/** The channel of a client that is answered later. */
function deferred(
  stream: Duplex,
  request: RequestHead,
  { offered: protocols, protocol, switchTo }: Negotiated,
  log: Log,
): PendingChannel {
  const { method, headers } = request;
  return new PendingChannel(stream, {
    request: { path: targetOf(request), protocol },
    asked: { protocols, headers },
    switchTo,
    refuse: async (status, why, fields = []) => {
      logAnswer(stream, status, log);
      await respond(stream, method, textAnswer(status, why, fields));
    },
  });
}

/** The answer to a request that isn't upgraded; undefined for one that is. */
async function answerWithoutUpgrade(
  request: RequestHead,
  location: ServerLocation,
  options: ServerOptions,
): Promise<Answer | undefined> {
  const { method, version, headers } = request;
  const { allowOrigin = [], serves = () => true, http } = options;
  const why = forbidden(request, { loopback: location.loopback, allowed: allowOrigin });
  if (why) return textAnswer(403, why);
  const target = targetOf(request);
  if (location.path === undefined ? !serves(target) : !matchesPath(target, location.path)) {
    return textAnswer(404, "nothing is served at this path");
  }
  const isUpgrade = hasToken(headers, "upgrade", "websocket") &&
    hasToken(headers, "connection", "upgrade");
  const answer = isUpgrade ? undefined : await http?.({ ...request, target }, location);
  if (answer) return answer;
  if (method !== "GET") return textAnswer(405, "only GET can be upgraded", [["Allow", "GET"]]);
  if (!isUpgrade) return upgradeRequired("this is a WebSocket server");
  if (headers.get("sec-websocket-version") !== "13") {
    return upgradeRequired("only version 13 of the WebSocket protocol is spoken here");
  }
  if (version === "1.0") return textAnswer(400, "an upgrade takes HTTP/1.1");
  // What follows would be taken for frames (RFC 9110 §7.8: the request comes whole before them).
  if (announcesContent(headers)) return textAnswer(400, "an upgrade has no content");
  if (!isKey(headers.get("sec-websocket-key") ?? "")) {
    return textAnswer(400, "Sec-WebSocket-Key is not 16 bytes in base64");
  }
  return undefined;
}

function announcesContent(headers: Headers): boolean {
  return headers.has("transfer-encoding") || !/^0*$/.test(headers.get("content-length") ?? "");
}

/** A 426, with `Upgrade` (RFC 9110 §15.5.22) and the version (RFC 6455 §4.4). */
function upgradeRequired(why: string): Answer {
  return textAnswer(426, why, [
    ["Upgrade", "websocket"],
    ["Connection", "Upgrade, close"],
    ["Sec-WebSocket-Version", "13"],
  ]);
}

/** An answer with one line of plain text. */
function textAnswer(status: number, why: string, headers: readonly Field[] = []): Answer {
  return { status, headers, body: why + "\n" };
}

/** Whether `target` is `path`, which has any query if it names none. */
function matchesPath(target: string, path: string): boolean {
  return target === path || (!path.includes("?") && target.split("?", 1)[0] === path);
}

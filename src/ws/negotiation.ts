/** What the server agrees on with a client, and how it says so (RFC 6455 §4.2.2). */
import type { Duplex } from "../core/duplex.ts";
import { MAX_MESSAGE } from "../core/limits.ts";
import type { Log } from "../core/log.ts";
import { type Field, formatResponse, HeadError, listOf, type RequestHead } from "../http/head.ts";
import { type ChannelOptions, WebSocketChannel } from "./channel.ts";
import { acceptDeflate } from "./deflate_offer.ts";
import { acceptFor } from "./key.ts";

export interface NegotiationOptions extends ChannelOptions {
  /** Subprotocols to accept; the first of a client's that is listed here is chosen. */
  readonly protocols?: readonly string[];
  /** Whether the answer to an upgrade waits for `Channel.upgrade`. */
  readonly deferred?: boolean;
}

/** What client and server agree on, and the way to say so. */
export interface Negotiated {
  /** The subprotocols that the client offers, and the first of ours among them. */
  readonly offered: readonly string[];
  readonly protocol: string | undefined;
  readonly switchTo: (protocol: string | undefined) => Promise<WebSocketChannel>;
}

/** Negotiates subprotocol and extensions, to switch protocols then (RFC 6455 §4.2.2). */
export function negotiate(
  stream: Duplex,
  request: RequestHead,
  rest: Uint8Array,
  options: NegotiationOptions,
  log: Log,
): Negotiated {
  const { headers } = request;
  const { protocols = [], maxMessage = MAX_MESSAGE } = options;
  const offered = listOf(headers, "sec-websocket-protocol");
  const { header, deflate } = agreeOnExtensions(headers, maxMessage);
  return {
    offered,
    protocol: offered.find((name) => protocols.includes(name)),
    async switchTo(protocol) {
      const fields: Field[] = [
        ["Upgrade", "websocket"],
        ["Connection", "Upgrade"],
        ["Sec-WebSocket-Accept", await acceptFor(headers.get("sec-websocket-key")!)],
      ];
      if (protocol !== undefined) fields.push(["Sec-WebSocket-Protocol", protocol]);
      if (header !== undefined) fields.push(["Sec-WebSocket-Extensions", header]);
      await stream.write(formatResponse(101, "Switching Protocols", fields));
      if (!options.deferred) warnOfUnspoken(stream, protocol, offered, log);
      logSwitch(stream, [protocol, header], log);
      const agreement = { isServer: true, target: targetOf(request), protocol, deflate, rest };
      return new WebSocketChannel(stream, agreement, options, log);
    },
  };
}

function warnOfUnspoken(
  { peer }: Duplex,
  protocol: string | undefined,
  offered: readonly string[],
  log: Log,
): void {
  if (protocol !== undefined || offered.length === 0) return;
  const text = `${peer} asks for a subprotocol that isn't spoken here: ${offered.join(", ")}; ` +
    `--protocol ${offered[0]} speaks it`;
  log.warn("subprotocol", text, { peer });
}

function logSwitch({ peer }: Duplex, agreed: readonly (string | undefined)[], log: Log): void {
  const details = agreed.filter(Boolean).map((detail) => `, ${detail}`).join("");
  const response = "101 Switching Protocols";
  log.debug("handshake", `handshake: ${response} to ${peer}${details}`, { peer, response });
}

function agreeOnExtensions(headers: Headers, maxMessage: number) {
  try {
    return acceptDeflate(listOf(headers, "sec-websocket-extensions"), maxMessage);
  } catch (error) {
    throw new HeadError(400, (error as Error).message);
  }
}

/** Path and query; a target may be a whole URL (RFC 9112 §3.2.2). */
export function targetOf({ target }: RequestHead): string {
  if (target.startsWith("/") || !URL.canParse(target)) return target;
  const { pathname, search } = new URL(target);
  return pathname + search;
}

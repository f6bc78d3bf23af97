/** WebSockets without sockets: both sides in memory, or one of them as bare bytes. */
import type { Duplex } from "../../src/core/duplex.ts";
import { type Log, silent } from "../../src/core/log.ts";
import { memoryPair } from "../support/memory.ts";
import { type ChannelOptions, WebSocketChannel } from "../../src/ws/channel.ts";
import { type ClientOptions, connectWebSocket } from "../../src/ws/client.ts";
import { acceptWebSocket, type ServerOptions } from "../../src/ws/server.ts";

export interface PairOptions {
  client?: ClientOptions;
  server?: ServerOptions;
  /** Bytes that wait in each direction before a writer waits too. */
  limit?: number;
}

/** A client and a server after their handshake. */
export async function channelPair(
  { client = {}, server = {}, limit }: PairOptions = {},
): Promise<[client: WebSocketChannel, server: WebSocketChannel]> {
  const [clientSide, serverSide] = memoryPair(limit);
  const target = { text: "ws://test/x", host: "localhost", path: "/x" };
  return await Promise.all([
    connectWebSocket(clientSide, target, client, silent),
    acceptWebSocket(serverSide, { loopback: true }, server, silent) as Promise<WebSocketChannel>,
  ]);
}

/** A channel on a stream, as after a handshake. */
export function channelOn(
  stream: Duplex,
  role: "server" | "client",
  options: ChannelOptions = {},
  log: Log = silent,
): WebSocketChannel {
  const agreement = { isServer: role === "server", target: "/", rest: new Uint8Array() };
  return new WebSocketChannel(stream, agreement, options, log);
}

/** A client's channel and the bytes of its server. */
export function bareServer(
  options: ChannelOptions = {},
  limit?: number,
  log?: Log,
): { channel: WebSocketChannel; peer: Duplex } {
  const [clientSide, peer] = memoryPair(limit);
  return { channel: channelOn(clientSide, "client", options, log), peer };
}

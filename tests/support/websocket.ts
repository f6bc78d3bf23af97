/** WebSocket services and bare HTTP peers for tests on real sockets. */
import { parseAddress } from "../../src/address/address.ts";
import type { Channel, Duplex } from "../../src/core/duplex.ts";
import { silent } from "../../src/core/log.ts";
import { serve } from "../../src/core/serve.ts";
import { carry } from "../../src/core/splice.ts";
import { dial, type DialOptions, listen, type ListenOptions } from "../../src/transports/mod.ts";
import { decode, encode, readAll, readExactly } from "./connections.ts";
import { DIALING, LISTENING, SERVING } from "./options.ts";
import { connect, type Service, service } from "./transports.ts";

/** Connects to a WebSocket address. */
export async function connectWs(
  address: string,
  options: Partial<DialOptions> = {},
): Promise<Channel> {
  return await dial(parseAddress(address), { ...DIALING, ...options }) as Channel;
}

/** Echoes every message at a WebSocket address. */
export async function wsEcho(
  address: string,
  options: Partial<ListenOptions> = {},
): Promise<Service> {
  const { log = silent } = options;
  const listeners = await listen(parseAddress(address), { ...LISTENING, ...options });
  const stop = new AbortController();
  const handle = async ({ connection }: { connection: unknown }) => {
    const channel = connection as Channel;
    try {
      await carry([channel, channel]);
      channel.close();
    } catch (error) {
      channel.close(error as Error);
      throw error;
    } finally {
      await channel.closed;
    }
  };
  const over = serve(listeners, handle, { ...SERVING, log, stop: stop.signal });
  return {
    addresses: listeners.flatMap(({ addresses }) => addresses),
    async [Symbol.asyncDispose]() {
      stop.abort();
      await over;
    },
  };
}

/** Reads a request for an upgrade, and grants it. */
export async function answerHandshake(connection: Duplex): Promise<void> {
  let head = "";
  while (!head.endsWith("\r\n\r\n")) head += decode(await readExactly(connection, 1));
  await connection.write(await upgradeFor(head));
}

/** The answer that grants a request for an upgrade, independent of the code under test. */
export async function upgradeFor(head: string): Promise<Uint8Array<ArrayBuffer>> {
  const [, key] = /Sec-WebSocket-Key: (.*)\r/i.exec(head)!;
  const accept = await crypto.subtle.digest(
    "SHA-1",
    encode(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"),
  );
  return encode(
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
      `Sec-WebSocket-Accept: ${new Uint8Array(accept).toBase64()}\r\n\r\n`,
  );
}

/** A bare server: answers the handshake, sends `frames`, or EOF if there are none, and reads on. */
export async function bareWs(frames: Uint8Array): Promise<Service> {
  return await service("127.0.0.1:0", async (connection) => {
    await answerHandshake(connection);
    await connection.write(frames);
    if (frames.length === 0) await connection.closeWrite();
    await readAll(connection).catch(() => {});
    connection.close();
  });
}

/** Sends text to a TCP or `ws://` address, half-closes, and resolves with all of the answer. */
export async function askHttp(address: string, request: string): Promise<string> {
  const connection = await connect(streamOf(address));
  try {
    await connection.write(encode(request));
    await connection.closeWrite();
    return new TextDecoder().decode(await readAll(connection));
  } finally {
    connection.close();
  }
}

/** The TCP address of a WebSocket: `ws://127.0.0.1:80/x` → `127.0.0.1:80`. */
export function streamOf(address: string): string {
  return address.replace(/^ws:\/\//, "").replace(/\/.*$/, "");
}

/** A client's request for an upgrade. */
export const UPGRADE = [
  "GET / HTTP/1.1",
  "Host: localhost",
  "Upgrade: websocket",
  "Connection: Upgrade",
  "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
  "Sec-WebSocket-Version: 13",
  "\r\n",
].join("\r\n");

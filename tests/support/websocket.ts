/** WebSocket services and bare HTTP peers for tests on real sockets. */
import { parseAddress } from "../../src/address/address.ts";
import type { Channel } from "../../src/core/duplex.ts";
import { silent } from "../../src/core/log.ts";
import { serve } from "../../src/core/serve.ts";
import { carry } from "../../src/core/splice.ts";
import { dial, type DialOptions, listen, type ListenOptions } from "../../src/transports/mod.ts";
import { decode, encode, readAll, readExactly } from "./ends.ts";
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
  const handle = async ({ end }: { end: unknown }) => {
    const channel = end as Channel;
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

/**
 * A bare server: answers the handshake, sends `frames`, or the end if there are none, and listens.
 */
export async function bareWs(frames: Uint8Array): Promise<Service> {
  return await service("127.0.0.1:0", async (end) => {
    let head = "";
    while (!head.endsWith("\r\n\r\n")) head += decode(await readExactly(end, 1));
    const [, key] = /Sec-WebSocket-Key: (.*)\r/.exec(head)!;
    const accept = await crypto.subtle.digest(
      "SHA-1",
      encode(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"),
    );
    await end.write(encode(
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
        `Sec-WebSocket-Accept: ${new Uint8Array(accept).toBase64()}\r\n\r\n`,
    ));
    await end.write(frames);
    if (frames.length === 0) await end.closeWrite();
    await readAll(end).catch(() => {});
    end.close();
  });
}

/** Sends text to a TCP or `ws://` address, half-closes, and resolves with all of the answer. */
export async function askHttp(address: string, request: string): Promise<string> {
  const end = await connect(streamOf(address));
  try {
    await end.write(encode(request));
    await end.closeWrite();
    return new TextDecoder().decode(await readAll(end));
  } finally {
    end.close();
  }
}

/** What carries a WebSocket: `ws://127.0.0.1:80/x` → `127.0.0.1:80`. */
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

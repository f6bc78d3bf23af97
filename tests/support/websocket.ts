/** WebSocket services and bare HTTP peers for tests on real sockets. */
import { parseAddress } from "../../src/address.ts";
import type { Channel } from "../../src/core/duplex.ts";
import { silent } from "../../src/core/log.ts";
import { serve } from "../../src/core/serve.ts";
import { carry } from "../../src/core/splice.ts";
import { dial, type DialOptions, listen, type ListenOptions } from "../../src/transports/mod.ts";
import { encode, readAll } from "./ends.ts";
import { connect, type Service } from "./transports.ts";

/** Connects to a WebSocket address. */
export async function connectWs(
  address: string,
  options: Partial<DialOptions> = {},
): Promise<Channel> {
  return await dial(parseAddress(address), { log: silent, ...options }) as Channel;
}

/** Echoes every message at a WebSocket address. */
export async function wsEcho(
  address: string,
  options: Partial<ListenOptions> = {},
): Promise<Service> {
  const { log = silent } = options;
  const listeners = await listen(parseAddress(address), { log, socketMode: 0o600, ...options });
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
  const over = serve(listeners, handle, { log, stop: stop.signal, grace: 0, maxConnections: 9999 });
  return {
    addresses: listeners.flatMap(({ addresses }) => addresses),
    async [Symbol.asyncDispose]() {
      stop.abort();
      await over;
    },
  };
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

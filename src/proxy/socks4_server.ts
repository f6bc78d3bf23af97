/** SOCKS version 4 and 4A (Ying-Da Lee's memos), as server. */
import { hostName } from "../address/host.ts";
import { formatIp, ipOfBytes } from "../address/ip.ts";
import { concat } from "../core/bytes.ts";
import type { Duplex } from "../core/duplex.ts";
import { BrokenError } from "../core/errors.ts";
import { takeExactly } from "../core/take.ts";
import type { RequestedTarget } from "./target.ts";

const CONNECT = 1;
const GRANTED = 90;
const REJECTED = 91;
/** Longest user, and longest name, bytes. */
const LONGEST = 255;

/**
 * Reads a client's request to connect, from its version on. Answers any other one with a rejection,
 * and rejects with a `BrokenError`.
 */
export async function socks4Accept(client: Duplex): Promise<RequestedTarget> {
  const malformed = async (reason: string) => {
    await socks4Reply(client, false);
    return new BrokenError("proxy", client.peer, `SOCKS4: ${reason}`);
  };
  const [, command] = await takeExactly(client, 2);
  const [high, low, ...address] = await takeExactly(client, 6);
  const port = high! << 8 | low!;
  const user = await takeText(client);
  // 0.0.0.x stands for a name that follows.
  const named = address[0] === 0 && address[1] === 0 && address[2] === 0 && address[3] !== 0;
  const name = named ? await takeText(client) : "";
  if (user === undefined || name === undefined) throw await malformed("a field without an end");
  if (command !== CONNECT) {
    throw await malformed(`command ${command} is not supported, only CONNECT`);
  }
  const host = named ? hostName(name) : formatIp(ipOfBytes(Uint8Array.from(address)));
  if (!host || port === 0) throw await malformed("an address that can't be connected to");
  return { host, port };
}

/** Answers a request; port and address are zeros, to keep ours private. */
export async function socks4Reply(client: Duplex, granted: boolean): Promise<void> {
  await client.write(Uint8Array.of(0, granted ? GRANTED : REJECTED, 0, 0, 0, 0, 0, 0));
}

/** Reads up to a NUL; undefined where none comes in time. Takes no byte of what follows. */
async function takeText(client: Duplex): Promise<string | undefined> {
  const bytes: Uint8Array[] = [];
  while (bytes.length <= LONGEST) {
    const byte = await takeExactly(client, 1);
    if (byte[0] === 0) return new TextDecoder().decode(concat(bytes));
    bytes.push(byte);
  }
  return undefined;
}

/** SOCKS version 4A, as client: SOCKS4 (Ying-Da Lee's memo) with names that the proxy resolves. */
import { formatAuthority } from "../address/address.ts";
import { bytesOfIp, parseLiteral } from "../address/ip.ts";
import { concat } from "../core/bytes.ts";
import type { Duplex } from "../core/duplex.ts";
import { RefusedError } from "../core/errors.ts";
import { takeExactly } from "../core/take.ts";
import type { Credentials } from "./socks5.ts";
import type { RequestedTarget } from "./target.ts";

const VERSION = 4;
const CONNECT = 1;
const GRANTED = 90;
const REPLY_WORDS: Partial<Record<number, string>> = {
  91: "rejected or failed",
  92: "it can't ask our identd who we are",
  93: "our identd names another user",
};
/** An address that stands for the name behind the user (SOCKS4A): `0.0.0.x`, with x not 0. */
const NAME_FOLLOWS = Uint8Array.of(0, 0, 0, 1);

/**
 * Asks the proxy to connect to `target`, whose name it resolves. Reads no byte of the target.
 * Rejects with a `RefusedError` if the proxy refuses, or as the stream does.
 */
export async function socks4aConnect(
  proxy: Duplex,
  target: RequestedTarget,
  credentials?: Credentials,
): Promise<void> {
  const { host, port } = target;
  const refused = (reason: string) =>
    new RefusedError("proxy", proxy.peer, `${reason} (SOCKS4A, for ${formatAuthority(target)})`);
  const ip = parseLiteral(host);
  if (ip && ip.length !== 2) throw refused("SOCKS4 has no IPv6 addresses");
  const text = (value: string) => new TextEncoder().encode(`${value}\0`);
  await proxy.write(concat([
    Uint8Array.of(VERSION, CONNECT, port >> 8, port & 0xff),
    ip ? bytesOfIp(ip) : NAME_FOLLOWS,
    text(credentials?.user ?? ""),
    ip ? new Uint8Array() : text(host),
  ]));
  const [version, reply] = await takeExactly(proxy, 2);
  if (version !== 0) throw refused(`a reply of version ${version} instead of 0`);
  if (reply !== GRANTED) throw refused(REPLY_WORDS[reply!] ?? `reply ${reply}`);
  await takeExactly(proxy, 6); // A port and an address, which mean nothing here.
}

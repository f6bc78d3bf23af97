/** SOCKS version 5 (RFC 1928) with passwords (RFC 1929), as client and as server. */
import { concat } from "../core/bytes.ts";
import type { Duplex } from "../core/duplex.ts";
import { BrokenError, RefusedError } from "../core/errors.ts";
import { takeExactly } from "../core/take.ts";
import { formatAuthority } from "../address/address.ts";
import { hostName } from "../address/host.ts";
import type { LoginJudge } from "./client_login.ts";
import { encodeTarget, NAME, takeAddress } from "./socks5_address.ts";
import type { RequestedTarget } from "./target.ts";

const VERSION = 5;
const PASSWORD_VERSION = 1;
const NO_AUTHENTICATION = 0;
const PASSWORD = 2;
const NO_ACCEPTABLE_METHOD = 0xff;
const CONNECT = 1;
const UDP_ASSOCIATE = 3;

/** Reply codes of a server (RFC 1928 §6). */
export const REPLY = {
  succeeded: 0,
  failure: 1,
  notAllowed: 2,
  networkUnreachable: 3,
  hostUnreachable: 4,
  refused: 5,
  expired: 6,
  commandNotSupported: 7,
  addressNotSupported: 8,
} as const;

const REPLY_WORDS = [
  "succeeded",
  "general failure",
  "not allowed by its rules",
  "network unreachable",
  "host unreachable",
  "connection refused",
  "TTL expired",
  "command not supported",
  "address type not supported",
];

export interface Credentials {
  readonly user: string;
  readonly password: string;
}

/**
 * Asks the proxy to connect to `target`, whose name it resolves. Reads no byte of the target.
 * Rejects with a `RefusedError` if the proxy refuses, or as the stream does.
 */
export async function socks5Connect(
  proxy: Duplex,
  target: RequestedTarget,
  credentials?: Credentials,
): Promise<void> {
  const refused = (reason: string) =>
    new RefusedError("proxy", proxy.peer, `${reason} (SOCKS5, for ${formatAuthority(target)})`);
  const methods = credentials ? [NO_AUTHENTICATION, PASSWORD] : [NO_AUTHENTICATION];
  await proxy.write(Uint8Array.of(VERSION, methods.length, ...methods));
  const method = await takeMethod(proxy, methods, refused);
  if (method === PASSWORD) await authenticate(proxy, credentials!, refused);
  await proxy.write(Uint8Array.of(VERSION, CONNECT, 0, ...encodeTarget(target)));
  await takeReply(proxy, refused);
}

type Refused = (reason: string) => RefusedError;

/** Reads the method that the proxy chose of those offered (RFC 1928 §3). */
async function takeMethod(
  proxy: Duplex,
  offered: readonly number[],
  refused: Refused,
): Promise<number> {
  const [version, method] = await takeExactly(proxy, 2);
  if (version !== VERSION) throw refused("it doesn't speak SOCKS5");
  if (offered.includes(method!)) return method!;
  throw refused(
    offered.includes(PASSWORD)
      ? "no way to log in is accepted"
      : method === PASSWORD || method === NO_ACCEPTABLE_METHOD
      ? "it asks for a user and password"
      : `it wants method ${method}, which was not offered`,
  );
}

/** Logs in with user and password (RFC 1929 §2). */
async function authenticate(
  proxy: Duplex,
  { user, password }: Credentials,
  refused: Refused,
): Promise<void> {
  const parts = [user, password].map((text) => new TextEncoder().encode(text));
  const fields = parts.flatMap((part) => [Uint8Array.of(part.length), part]);
  await proxy.write(concat([Uint8Array.of(PASSWORD_VERSION), ...fields]));
  const [version, status] = await takeExactly(proxy, 2);
  if (version !== PASSWORD_VERSION) throw refused(`it answers a login with version ${version}`);
  if (status !== 0) throw refused("wrong user or password");
}

/** Reads the whole reply to a request (RFC 1928 §6): what follows is the target's. */
async function takeReply(proxy: Duplex, refused: Refused): Promise<void> {
  const [version, reply] = await takeExactly(proxy, 2);
  if (version !== VERSION) throw refused(`a reply of version ${version}`);
  if (reply !== REPLY.succeeded) throw refused(REPLY_WORDS[reply!] ?? `reply ${reply}`);
  const [reserved, type] = await takeExactly(proxy, 2);
  if (reserved !== 0) throw refused(`a reply whose reserved byte is ${reserved}`);
  const bound = await takeAddress(proxy, type!);
  if (!bound) throw refused(`a reply with the unknown address type ${type}`);
  if (bound.host === "") throw refused("a reply with an empty name");
}

/** What a client asks for. */
export interface SocksRequest {
  readonly command: "connect" | "associate";
  /** To connect to; of an association, where the client sends from, with zeros if it can't tell. */
  readonly address: RequestedTarget;
}

/**
 * Reads a client's request. Answers one that is neither CONNECT nor UDP ASSOCIATE with a failure,
 * and rejects with a `BrokenError`.
 *
 * @param logins Judges the login that the client has to give; undefined where it needn't.
 */
export async function socks5Accept(client: Duplex, logins?: LoginJudge): Promise<SocksRequest> {
  const malformed = (reason: string) => new BrokenError("proxy", client.peer, `SOCKS5: ${reason}`);
  const [version, count] = await takeExactly(client, 2);
  if (version !== VERSION) throw malformed(`version ${version} instead of 5`);
  const methods = await takeExactly(client, count!);
  const method = logins ? PASSWORD : NO_AUTHENTICATION;
  if (!methods.includes(method)) {
    await client.write(Uint8Array.of(VERSION, NO_ACCEPTABLE_METHOD));
    throw malformed(`the client ${logins ? "doesn't log in" : "insists on logging in"}`);
  }
  await client.write(Uint8Array.of(VERSION, method));
  if (logins) await checkLogin(client, logins, malformed);
  const [requestVersion, command, reserved, type] = await takeExactly(client, 4);
  if (requestVersion !== VERSION || reserved !== 0) {
    await socks5Reply(client, REPLY.failure);
    throw malformed(`a request that begins with ${requestVersion}, ${command}, ${reserved}`);
  }
  const target = await takeAddress(client, type!);
  if (command === UDP_ASSOCIATE && target) return { command: "associate", address: target };
  if (command !== CONNECT) {
    await socks5Reply(client, REPLY.commandNotSupported);
    throw malformed(`command ${command} is not supported, only CONNECT and UDP ASSOCIATE`);
  }
  const host = type === NAME ? hostName(target?.host ?? "") : target?.host;
  if (!target || !host || target.port === 0) {
    await socks5Reply(client, REPLY.addressNotSupported);
    throw malformed("an address that can't be connected to");
  }
  return { command: "connect", address: { host, port: target.port } };
}

/** Reads a client's login (RFC 1929 §2). Rejects after a wrong one has been answered. */
async function checkLogin(
  client: Duplex,
  logins: LoginJudge,
  malformed: (reason: string) => BrokenError,
): Promise<void> {
  const [version] = await takeExactly(client, 1);
  if (version !== PASSWORD_VERSION) throw malformed(`a login of version ${version} instead of 1`);
  const text = async () => {
    const [length] = await takeExactly(client, 1);
    return new TextDecoder().decode(await takeExactly(client, length!));
  };
  const user = await text();
  const password = await text();
  const accepted = await logins.judge(client.peer, (login) => login.accepts(user, password));
  await client.write(Uint8Array.of(PASSWORD_VERSION, accepted ? 0 : 1));
  if (!accepted) throw malformed("wrong user or password");
}

/**
 * Answers a request (RFC 1928 §6).
 *
 * @param bound Where an association takes datagrams. Of a connection it is all zeros, to keep our
 *   address private.
 */
export async function socks5Reply(
  client: Duplex,
  reply: number,
  bound: RequestedTarget = { host: "0.0.0.0", port: 0 },
): Promise<void> {
  await client.write(concat([Uint8Array.of(VERSION, reply, 0), encodeTarget(bound)]));
}

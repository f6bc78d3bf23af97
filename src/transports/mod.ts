/** `dial` and `listen`: every connection is opened or accepted through these two. */
import type { Address } from "../address/address.ts";
import type { Connection } from "../core/duplex.ts";
import { AddressError } from "../core/errors.ts";
import type { Listener } from "../core/listener.ts";
import { spawnShell, spawnWords } from "./process/mod.ts";
import type { DialOptions, ListenOptions } from "./options.ts";
import { stdio } from "./stdio.ts";
import { dialTcp, listenTcp } from "./tcp.ts";
import { dialUdp, listenUdp } from "./udp/mod.ts";
import { dialTls, listenTls } from "./tls/mod.ts";
import { dialUnix, listenUnix } from "./unix.ts";
import { dialUnixgram, listenUnixgram } from "./unixgram.ts";

export type { DialOptions, ListenOptions } from "./options.ts";

/**
 * Connects to an address, or starts the command that it names.
 *
 * Rejects with a `ResolveError`, an `UnavailableError`, a `TimeoutError`, a `TlsError`, or a
 * `UsageError` for an address that can't be connected to.
 */
export async function dial(address: Address, options: DialOptions): Promise<Connection> {
  const connection = await dialScheme(address, options);
  const { peer: target } = connection;
  options.log.debugging?.debug("connected", `connected to ${target}`, {
    address: address.text,
    target,
  });
  return connection;
}

function dialScheme(
  address: Address,
  options: DialOptions,
): Connection | Promise<Connection> {
  switch (address.scheme) {
    case "tcp":
      return dialTcp(address, options);
    case "udp":
      return dialUdp(address, options);
    case "tls":
      return dialTls(address, options);
    case "unix":
      return dialUnix(address, options);
    case "unixgram":
      return dialUnixgram(address, options);
    case "ws":
    case "wss":
    case "ws+unix":
      return import("./ws.ts").then(({ dialWs }) => dialWs(address, options));
    case "exec":
      return spawnWords(address, options);
    case "sh":
      return spawnShell(address, options);
    case "stdio":
      return stdio;
    case "file":
    case "file+read":
    case "file+append":
      return import("./file/mod.ts").then(({ openFile }) => openFile(address, options));
    case "gate":
    case "gate+tls":
    case "gate+ws":
    case "gate+wss":
      throw new AddressError(address.text, "can only be listened on");
  }
}

/**
 * Binds an address and listens; an address that names both families yields two listeners.
 *
 * Rejects with an `UnavailableError`, a `ResolveError`, or a `UsageError` for an address that can't
 * be listened on.
 */
export async function listen(address: Address, options: ListenOptions): Promise<Listener[]> {
  switch (address.scheme) {
    case "tcp":
      return await listenTcp(address, options);
    case "udp":
      return await listenUdp(address, options);
    case "tls":
      return await listenTls(address, options);
    case "unix":
      return [await listenUnix(address, options)];
    case "unixgram":
      return [await listenUnixgram(address, options)];
    case "ws":
    case "wss":
    case "ws+unix":
      return await (await import("./ws.ts")).listenWs(address, options);
    case "gate":
    case "gate+tls":
    case "gate+ws":
    case "gate+wss":
      return [await (await import("./gate/mod.ts")).listenGate(address, options)];
    case "exec":
    case "sh":
    case "stdio":
    case "file":
    case "file+read":
    case "file+append":
      throw new AddressError(address.text, "can't be listened on");
  }
}

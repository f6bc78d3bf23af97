/** Listens as the options say: every listening command begins with this. */
import { type Address, parseAddress } from "../address/address.ts";
import type { Scheme } from "../address/schemes.ts";
import { orAbort } from "../core/abort.ts";
import { ShutdownError, UsageError } from "../core/errors.ts";
import type { Log } from "../core/log.ts";
import type { Listener } from "../core/listener.ts";
import type { OptionsOf } from "../flags/flag.ts";
import { isLoopback, isUnspecified } from "../address/ip.ts";
import { platform } from "../platform/platform.ts";
import { heldConnections } from "../transports/held.ts";
import { keepOnly, type Right } from "../transports/rights.ts";
import { requireKeepAlive } from "../transports/keep_alive.ts";
import { listen, type ListenOptions } from "../transports/mod.ts";
import { gateOptionsFor } from "./gate.ts";
import { writeReadyFile } from "./ready.ts";
import type { listenerFlags } from "../options/groups.ts";
import { wsListenOptions, type WsPerCommand } from "../options/websocket.ts";
import { tlsForListening } from "../options/tls.ts";

type ListenAllOptions = OptionsOf<typeof listenerFlags>;

/** Options that only one command has. */
interface PerCommand extends WsPerCommand {
  /** Rights that are still needed once all addresses are bound. */
  readonly needs?: Iterable<Right>;
  /** Whether connections begin with a PROXY header. */
  readonly proxyProtocol?: boolean;
}

/** The peers that may connect. */
export interface Admission {
  /** Why a peer isn't let in; undefined lets it in. */
  readonly admit: ((peer: string) => string | undefined) | undefined;
  /** Number of connections that are closed and still hold a descriptor. */
  readonly held: () => number;
}

/** Listeners, and the peers that may connect to them. */
export interface BoundListeners extends Admission {
  readonly listeners: readonly Listener[];
}

/**
 * Listens on all addresses, or on none: if one fails, those already bound are closed. Logs the
 * bound addresses, and writes them to `--ready-file`. Then gives up all rights that neither the
 * listeners nor `perCommand` need. Rejects with a `ShutdownError` when `stop` aborts while files
 * are read.
 */
export async function listenAll(
  operands: readonly string[],
  options: ListenAllOptions,
  log: Log,
  stop: AbortSignal,
  perCommand: PerCommand = {},
): Promise<BoundListeners> {
  const addresses = operands.map(parseAddress);
  const admission = await admissionOf(options, log, stop);
  const listeners = await listenOn(addresses, admission, options, log, stop, perCommand);
  const rights = [
    ...perCommand.needs ?? [],
    ...addresses.flatMap(rightsOf),
    ...rightsOfFiles(options),
  ];
  try {
    const bound = listeners.flatMap((listener) => listener.addresses);
    if (options.readyFile) rights.push(...await writeReadyFile(options.readyFile, bound, log));
  } catch (error) {
    for (const listener of listeners) listener.close();
    throw error;
  }
  keepOnly(new Set(rights), log);
  return { listeners, ...admission };
}

/** Reads the lists of `--allow` and `--deny`. Rejects as `listenAll` does. */
export async function admissionOf(
  options: ListenAllOptions,
  log: Log,
  stop: AbortSignal,
): Promise<Admission> {
  return { admit: await abortable(stop, loadAccessControl(options, log)), held: heldConnections };
}

/** Listens on all addresses, or on none, and logs the bound ones. Rejects as `listenAll` does. */
export async function listenOn(
  addresses: readonly Address[],
  { admit }: Admission,
  options: ListenAllOptions,
  log: Log,
  stop: AbortSignal,
  perCommand: PerCommand = {},
): Promise<Listener[]> {
  if (options.reusePort) checkSharing();
  const tls = await abortable(stop, tlsForListening(options, addresses, log));
  const listeners: Listener[] = [];
  try {
    for (const address of addresses) {
      const gate = await abortable(stop, gateOptionsFor(address, options, log));
      const prepared = { log, tls, admit, gate };
      const listenOptions = listenOptionsOf(options, prepared, perCommand);
      listeners.push(...await abortable(stop, listen(address, listenOptions)));
    }
  } catch (error) {
    for (const listener of listeners) listener.close();
    throw error;
  }
  const bound = listeners.flatMap((listener) => listener.addresses);
  for (const address of bound) log.info("listening", `listening on ${address}`, { address });
  warnIfWide(bound, log);
  return listeners;
}

/** Throws a `UsageError` where processes that share a port don't share its connections. */
function checkSharing(): void {
  if (platform().sharesPorts) return;
  const reason = "only Linux shares the connections of a port out among processes";
  throw new UsageError("--reuse-port", reason);
}

/** Maps the options to those of a transport that listens. */
function listenOptionsOf(
  options: ListenAllOptions,
  prepared: Pick<ListenOptions, "log" | "tls" | "admit" | "gate">,
  perCommand: PerCommand,
): ListenOptions {
  const { socketMode, reusePort, idleTimeout, handshakeTimeout } = options;
  const keepAlive = requireKeepAlive(options.keepalive);
  const { proxyProtocol = false } = perCommand;
  const ws = wsListenOptions(options, perCommand);
  const timeouts = { idleTimeout, handshakeTimeout };
  return { ...prepared, proxyProtocol, socketMode, reusePort, keepAlive, ...timeouts, ws };
}

/**
 * `work`, or a rejection with a `ShutdownError` when `stop` aborts first: a file that it reads may
 * be a FIFO without a writer.
 */
export async function abortable<T>(stop: AbortSignal, work: Promise<T>): Promise<T> {
  return await orAbort(stop, work, () => new ShutdownError());
}

/**
 * Logs a warning where other machines can connect.
 *
 * @param what What they can do then, as a verb.
 */
export function warnIfWide(bound: readonly string[], log: Log, what = "connect"): void {
  const hosts = bound.map(parseAddress).flatMap((address) => "host" in address ? address.host : []);
  const open = [...new Set(hosts)].filter((host) => !isLoopback(host));
  if (open.length === 0) return;
  log.warn(
    "wide",
    open.some(isUnspecified)
      ? `anyone who can reach this machine can ${what} (every interface is bound)`
      : `anyone who can reach ${open.join(" or ")} can ${what}`,
  );
}

async function loadAccessControl(
  { allow, deny }: ListenAllOptions,
  log: Log,
): Promise<BoundListeners["admit"]> {
  if (allow.length === 0 && deny.length === 0) return undefined;
  const { openAccessControl } = await import("../access/access_control.ts");
  const { hostFunctions } = await import("../access/host_functions.ts");
  return await openAccessControl(allow, deny, hostFunctions(log));
}

/** Rights for lists in files, which are read again and may name hosts. */
function rightsOfFiles({ allow, deny }: ListenAllOptions): Right[] {
  const hasFiles = [...allow, ...deny].some((entry) => entry.startsWith("@"));
  return hasFiles ? ["read", "net"] : [];
}

/** What each scheme does while it is used: send, remove a socket, start a command, open a file. */
const RIGHTS: Readonly<Record<Scheme, readonly Right[]>> = {
  tcp: [],
  tls: [],
  ws: [],
  wss: [],
  udp: ["net"],
  gate: ["net"],
  "gate+tls": ["net"],
  "gate+ws": ["net"],
  "gate+wss": ["net"],
  unix: ["read", "write"],
  unixgram: ["read", "write"],
  "ws+unix": ["read", "write"],
  exec: ["run"],
  sh: ["run"],
  stdio: [],
  file: ["read", "write"],
  "file+read": ["read"],
  "file+append": ["read", "write"],
};

/** Rights that an address needs while it is used, beside those that it takes to open it. */
export function rightsOf({ scheme }: Address): readonly Right[] {
  return RIGHTS[scheme];
}

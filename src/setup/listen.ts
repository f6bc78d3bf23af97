/** What every listening command does before its first connection. */
import { type Address, parseAddress } from "../address/address.ts";
import { before } from "../core/abort.ts";
import { ShutdownError } from "../core/errors.ts";
import type { Log } from "../core/log.ts";
import type { Listener } from "../core/listener.ts";
import type { OptionsOf } from "../flags/flag.ts";
import { isLoopback } from "../address/ip.ts";
import { heldConnections } from "../transports/held.ts";
import { keepOnly, type Right } from "../transports/rights.ts";
import { listen, type ListenOptions } from "../transports/mod.ts";
import { writeReadyFile } from "./ready.ts";
import type { listenerFlags } from "../options/groups.ts";
import { wsListenOptions, type WsPerCommand } from "../options/websocket.ts";
import { tlsForListening } from "../options/tls.ts";

type ListenAllOptions = OptionsOf<typeof listenerFlags>;

/** What only this command has. */
interface PerCommand extends WsPerCommand {
  /** Rights that are still needed once all addresses are bound. */
  readonly needs?: Iterable<Right>;
  /** Whether connections begin with a PROXY header. */
  readonly proxyProtocol?: boolean;
}

/** What is open to peers, and to which. */
export interface BoundListeners {
  readonly listeners: readonly Listener[];
  readonly admit: ((peer: string) => string | undefined) | undefined;
  /** How many connections are over, and hold a descriptor nevertheless. */
  readonly held: () => number;
}

/**
 * Listens on all addresses, or on none: if one can't be had, those already bound are closed. Says
 * what was bound, and writes it to `--ready-file`. Then gives up the rights that neither listening
 * nor what follows makes use of. Rejects with a `ShutdownError` when `stop` aborts while
 * files are read.
 */
export async function listenAll(
  operands: readonly string[],
  options: ListenAllOptions,
  log: Log,
  stop: AbortSignal,
  perCommand: PerCommand = {},
): Promise<BoundListeners> {
  const addresses = operands.map(parseAddress);
  const admit = await abortable(stop, loadGate(options, log));
  const tls = await abortable(stop, tlsForListening(options, addresses, log));
  const listenOptions = listenOptionsOf(options, { log, tls, admit }, perCommand);
  const listeners: Listener[] = [];
  const rights = [
    ...perCommand.needs ?? [],
    ...addresses.flatMap(rightsOf),
    ...rightsOfFiles(options),
  ];
  try {
    for (const address of addresses) {
      listeners.push(...await listen(address, listenOptions));
    }
    const bound = listeners.flatMap((listener) => listener.addresses);
    for (const address of bound) log.info("listening", `listening on ${address}`, { address });
    warnIfWide(bound, log);
    if (options.readyFile) rights.push(...await writeReadyFile(options.readyFile, bound, log));
  } catch (error) {
    for (const listener of listeners) listener.close();
    throw error;
  }
  keepOnly(new Set(rights), log);
  return { listeners, admit, held: heldConnections };
}

/** What a transport that listens is told. */
function listenOptionsOf(
  options: ListenAllOptions,
  prepared: Pick<ListenOptions, "log" | "tls" | "admit">,
  perCommand: PerCommand,
): ListenOptions {
  const { socketMode, idleTimeout, handshakeTimeout } = options;
  const { proxyProtocol = false } = perCommand;
  const ws = wsListenOptions(options, perCommand);
  return { ...prepared, proxyProtocol, socketMode, idleTimeout, handshakeTimeout, ws };
}

/**
 * `work` that reads files, which may be FIFOs that nobody writes to, unless `stop` aborts first.
 */
export async function abortable<T>(stop: AbortSignal, work: Promise<T>): Promise<T> {
  return await before(stop, work, () => new ShutdownError());
}

/**
 * Says in one line that others than this machine can connect.
 *
 * @param what They can do there.
 */
export function warnIfWide(bound: readonly string[], log: Log, what = "connect"): void {
  const hosts = bound.map(parseAddress).flatMap((address) => "host" in address ? address.host : []);
  const open = [...new Set(hosts)].filter((host) => !isLoopback(host));
  if (open.length === 0) return;
  log.warn(
    "wide",
    open.includes("0.0.0.0") || open.includes("::")
      ? `anyone who can reach this machine can ${what} (every interface is bound)`
      : `anyone who can reach ${open.join(" or ")} can ${what}`,
  );
}

async function loadGate(
  { allow, deny }: ListenAllOptions,
  log: Log,
): Promise<BoundListeners["admit"]> {
  if (allow.length === 0 && deny.length === 0) return undefined;
  const { openGate } = await import("../access/gate.ts");
  const { hostFunctions: systemOutside } = await import("../access/host_functions.ts");
  return await openGate(allow, deny, systemOutside(log));
}

/** Lists in files are read again, and may name hosts. */
function rightsOfFiles({ allow, deny }: ListenAllOptions): Right[] {
  const again = [...allow, ...deny].some((entry) => entry.startsWith("@"));
  return again ? ["read", "net"] : [];
}

/** The rights that an address takes for as long as it is used: to send, to remove, to start. */
export function rightsOf({ scheme }: Address): Right[] {
  switch (scheme) {
    case "udp":
      return ["net"];
    case "unix":
    case "ws+unix":
      return ["read", "write"];
    case "exec":
    case "sh":
      return ["run"];
    default:
      return [];
  }
}

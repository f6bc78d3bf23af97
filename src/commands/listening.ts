/** What every listening command does before its first connection. */
import { parseAddress } from "../address.ts";
import { LocalError } from "../core/errors.ts";
import type { Log } from "../core/log.ts";
import type { Listener } from "../core/serve.ts";
import type { OptionsOf } from "../flags/flag.ts";
import { reasonOfSystem } from "../transports/failure.ts";
import { listen, type ListenOptions } from "../transports/mod.ts";
import type { serving } from "./options.ts";
import { listenOptions, type WsListenOptions } from "./websocket.ts";
import { tlsForListening } from "./tls.ts";

type ListeningOptions =
  & OptionsOf<typeof serving>
  & Pick<WsListenOptions, "http">
  & Pick<ListenOptions, "proxyProtocol">;

/**
 * Listens on all addresses, or on none: if one can't be had, those already bound are closed. Says
 * what was bound, and writes it to `--ready-file`.
 */
export async function listenAll(
  operands: readonly string[],
  options: ListeningOptions,
  log: Log,
): Promise<Listener[]> {
  const addresses = operands.map(parseAddress);
  const ws = listenOptions(options);
  const listeners: Listener[] = [];
  const tls = await tlsForListening(options, addresses, log);
  try {
    for (const address of addresses) {
      listeners.push(...await listen(address, { ...options, log, tls, ws }));
    }
    const bound = listeners.flatMap((listener) => listener.addresses);
    for (const address of bound) log.info("listening", `listening on ${address}`, { address });
    if (bound.some((address) => /\/\/(0\.0\.0\.0|\[::\])[:/]/.test(address))) {
      log.warn("wide", "anyone who can reach this machine can connect (every interface is bound)");
    }
    if (options.readyFile) await writeReady(options.readyFile, bound);
  } catch (error) {
    for (const listener of listeners) listener.close();
    throw error;
  }
  return listeners;
}

async function writeReady(path: string, bound: readonly string[]): Promise<void> {
  try {
    await Deno.writeTextFile(path, bound.map((address) => address + "\n").join(""));
  } catch (error) {
    throw new LocalError("write", path, reasonOfSystem(error as Error), { cause: error });
  }
}

/** Options for transports, and listeners that serve until they are disposed of. */
import { type Address, parseAddress } from "../../src/address/address.ts";
import type { Duplex } from "../../src/core/duplex.ts";
import { type Log, silent } from "../../src/core/log.ts";
import type { Listener } from "../../src/core/listener.ts";
import { type Accepted, serve } from "../../src/core/serve.ts";
import { libc } from "../../src/transports/libc.ts";
import { heldConnections } from "../../src/transports/held.ts";
import { dial, type DialOptions, listen, type ListenOptions } from "../../src/transports/mod.ts";
import { DIALING, LISTENING, SERVING } from "./options.ts";
import { until } from "./wait.ts";

libc(); // It stays open from its first use on, which the test's leak check would report.

/** Resolves once the runtime has closed the descriptors of all finished connections. */
export async function descriptorsAreBack(): Promise<void> {
  await until(() => heldConnections() === 0, "descriptors of closed connections");
}

/** A connected stream. */
export async function connect(
  address: string,
  log: Log = silent,
  options: Partial<DialOptions> = {},
): Promise<Duplex> {
  return await dial(parseAddress(address), { ...DIALING, log, ...options }) as Duplex;
}

/** Listens with the default options, or with others. */
export async function bind(
  address: string | Address,
  options: Partial<ListenOptions> = {},
): Promise<Listener[]> {
  const parsed = typeof address === "string" ? parseAddress(address) : address;
  return await listen(parsed, { ...LISTENING, ...options });
}

export interface Service extends AsyncDisposable {
  /** The bound addresses. */
  readonly addresses: readonly string[];
}

/** Serves every connection to `address` with `handle`, which closes it unless it fails. */
export async function service(
  address: string,
  handle: (connection: Duplex) => Promise<unknown>,
  log: Log = silent,
  options: Partial<ListenOptions> = {},
): Promise<Service> {
  const listeners = await bind(address, options);
  const stop = new AbortController();
  const closing = async ({ connection }: Accepted) => {
    try {
      await handle(connection as Duplex);
    } catch (error) {
      connection.close(error as Error);
      throw error;
    }
  };
  const over = serve(listeners, closing, {
    ...SERVING,
    log,
    stop: stop.signal,
  });
  return {
    addresses: listeners.flatMap(({ addresses }) => addresses),
    async [Symbol.asyncDispose]() {
      stop.abort();
      await over;
    },
  };
}

/** A path for a socket, in a directory that is removed after the test. */
export async function socketPath(): Promise<{ path: string } & AsyncDisposable> {
  const directory = await Deno.makeTempDir({ prefix: "coax-" });
  return {
    path: `${directory}/socket`,
    [Symbol.asyncDispose]: () => Deno.remove(directory, { recursive: true }),
  };
}

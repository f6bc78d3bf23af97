/** Options for transports, and listeners that serve until they are disposed of. */
import { type Address, parseAddress } from "../../src/address.ts";
import type { Duplex } from "../../src/core/duplex.ts";
import { type Log, silent } from "../../src/core/log.ts";
import { type Accepted, type Listener, serve } from "../../src/core/serve.ts";
import { dial, listen } from "../../src/transports/mod.ts";

/** A connected stream. */
export async function connect(address: string, log: Log = silent): Promise<Duplex> {
  return await dial(parseAddress(address), { log }) as Duplex;
}

/** Listens with the default options. */
export async function bind(address: string | Address): Promise<Listener[]> {
  const parsed = typeof address === "string" ? parseAddress(address) : address;
  return await listen(parsed, { log: silent, socketMode: 0o600 });
}

export interface Service extends AsyncDisposable {
  /** The bound addresses. */
  readonly addresses: readonly string[];
}

/** Serves every connection to `address` with `handle`, which closes it unless it fails. */
export async function service(
  address: string,
  handle: (end: Duplex) => Promise<unknown>,
  log: Log = silent,
): Promise<Service> {
  const listeners = await bind(address);
  const stop = new AbortController();
  const closing = async ({ end }: Accepted) => {
    try {
      await handle(end as Duplex);
    } catch (error) {
      end.close(error as Error);
      throw error;
    }
  };
  const over = serve(listeners, closing, {
    log,
    stop: stop.signal,
    grace: 0,
    maxConnections: 10_000,
  });
  return {
    addresses: listeners.flatMap(({ addresses }) => addresses),
    async [Symbol.asyncDispose]() {
      stop.abort();
      await over;
    },
  };
}

/** A directory that is gone after the test, and a name for a socket in it. */
export async function socketPath(): Promise<{ path: string } & AsyncDisposable> {
  const directory = await Deno.makeTempDir({ prefix: "coax-" });
  return {
    path: `${directory}/socket`,
    [Symbol.asyncDispose]: () => Deno.remove(directory, { recursive: true }),
  };
}

/** Connects to the address on which a proxy listens, as its clients do. */
import { type Address, ANY, formatHostPort, parseAddress } from "../address/address.ts";
import { isUnspecified, LOOPBACK } from "../address/ip.ts";
import type { Connection } from "../core/duplex.ts";
import { silent } from "../core/log.ts";
import { proxyHeader } from "../proxy/proxy_protocol.ts";
import { expectsHeader } from "../relay/connections.ts";
import type { RelayOptions } from "../relay/relay.ts";
import { dial } from "../transports/mod.ts";

/** Where a PROXY header is expected: one that names nobody. */
const NOBODY = { source: "", destination: "" };

/**
 * Connects to `bound`, an address that is listened on here. What the command line says of targets
 * (`--via`, `--ca`) isn't meant for it, and its certificate is our own. Rejects as `dial` does.
 */
export async function connectToOwn(
  bound: string,
  options: RelayOptions,
  signal: AbortSignal,
): Promise<Connection> {
  const { connectTimeout, protocol } = options;
  return await dial(reachable(parseAddress(bound)), {
    log: silent,
    family: undefined,
    connectTimeout,
    via: [],
    bind: undefined,
    broadcast: false,
    keepAlive: undefined,
    allow: undefined,
    signal,
    preface: expectsHeader(options) ? proxyHeader("v1", NOBODY) : undefined,
    tls: { insecure: true },
    ws: { protocols: protocol },
  });
}

/** The same on this machine where every interface is listened on. */
function reachable(address: Address): Address {
  if (!("host" in address) || !(address.host === ANY || isUnspecified(address.host))) {
    return address;
  }
  const path = "path" in address ? address.path : undefined;
  return parseAddress(formatHostPort(address.scheme, LOOPBACK, address.port, path));
}

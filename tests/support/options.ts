/** Default options for core and the transports: no limits, nobody denied. */
import { silent } from "../../src/core/log.ts";
import type { ServeOptions } from "../../src/core/serve.ts";
import type { DialOptions, ListenOptions } from "../../src/transports/mod.ts";

export const SERVING: Omit<ServeOptions, "stop"> = {
  log: silent,
  grace: 0,
  maxConnections: 10_000,
  maxPerPeer: undefined,
  admit: undefined,
  held: undefined,
};

export const LISTENING: ListenOptions = {
  log: silent,
  proxyProtocol: false,
  admit: undefined,
  socketMode: 0o600,
  reusePort: false,
  keepAlive: undefined,
  gate: undefined,
  idleTimeout: undefined,
  handshakeTimeout: undefined,
  ws: undefined,
  tls: undefined,
};

export const DIALING: DialOptions = {
  log: silent,
  family: undefined,
  connectTimeout: undefined,
  via: [],
  bind: undefined,
  broadcast: false,
  keepAlive: undefined,
  allow: undefined,
  tls: undefined,
  ws: undefined,
};

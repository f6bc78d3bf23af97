/** The kinds of addresses that options need, and which of them a command line has. */
import { parseAddress } from "../address/address.ts";
import type { AddressKind, Endpoint, Need } from "../flags/need.ts";
import { isProxyKind } from "../proxy/kind.ts";

const PROXY_SERVERS: readonly AddressKind[] = ["socks5:", "http-proxy:"];
const TLS: readonly AddressKind[] = ["tls", "wss"];
const WEBSOCKET: readonly AddressKind[] = ["ws", "wss", "ws+unix"];
const UNIX: readonly AddressKind[] = ["unix", "ws+unix"];
const MESSAGES: readonly AddressKind[] = ["udp", ...WEBSOCKET];
/** What has a host and a port. */
const INTERNET: readonly AddressKind[] = ["tcp", "tls", "udp", "ws", "wss"];
const LISTENABLE: readonly AddressKind[] = [...INTERNET, ...UNIX];
/** A TO over TCP; proxy servers connect so, too. */
const TCP_TARGET: readonly AddressKind[] = ["tcp", "tls", "ws", "wss", ...PROXY_SERVERS];
const BYTES: readonly AddressKind[] = [
  "tcp",
  "tls",
  "unix",
  "exec",
  "sh",
  "stdio",
  ...PROXY_SERVERS,
];
const ANY: readonly AddressKind[] = [...BYTES, ...MESSAGES];

const except = (kinds: readonly AddressKind[]): AddressKind[] =>
  ANY.filter((kind) => !kinds.includes(kind));
const either = (kinds: readonly AddressKind[]): Need => ({
  ways: [{ from: kinds }, { to: kinds }],
});

export const anAddress: Need = either(ANY);
export const tlsSomewhere: Need = either(TLS);
export const tlsFrom: Need = { ways: [{ from: TLS }] };
export const tlsTo: Need = { ways: [{ to: TLS }] };
export const everyToTls: Need = { ...tlsTo, every: true };

export const webSocketSomewhere: Need = either(WEBSOCKET);
/** Where browsers come. */
export const originsChecked: Need = { ways: [{ from: WEBSOCKET }, { beside: "metrics" }] };
export const webSocketTo: Need = { ways: [{ to: WEBSOCKET }] };
/** Between two WebSockets each message keeps its type. */
export const webSocketAndOther: Need = {
  ways: [
    { from: WEBSOCKET, to: except(WEBSOCKET) },
    { from: except(WEBSOCKET), to: WEBSOCKET },
  ],
  expected: "a WebSocket (ws://, wss://, ws+unix:) on one side alone",
};

export const messagesSomewhere: Need = either(MESSAGES);
export const bytesSomewhere: Need = either(BYTES);
export const bytesFrom: Need = { ways: [{ from: BYTES }] };
/** Between two of a kind there is nothing to frame. */
export const bytesAndMessages: Need = {
  ways: [{ from: BYTES, to: MESSAGES }, { from: MESSAGES, to: BYTES }],
  expected: "messages (udp://, ws://, wss://, ws+unix:) on one side and bytes on the other",
};
/** A frame finds messages in bytes, which can be too long like those of a WebSocket. */
export const longMessages: Need = {
  ways: [...webSocketSomewhere.ways, ...bytesAndMessages.ways],
  expected: "messages that it can bound: ws://, wss://, ws+unix:, or udp:// with bytes",
};

export const listening: Need = { ways: [{ from: LISTENABLE }] };
/** What is served need not be listened on: stdin is one connection. */
export const serving: Need = { ways: [{ from: ANY }] };
export const unixFrom: Need = { ways: [{ from: UNIX }] };
/** Peers of a Unix socket have no address but the one that a PROXY header names. */
export const peersWithAddresses: Need = {
  ways: [{ from: INTERNET }, { from: UNIX, beside: "proxyProtocol=in" }],
};

export const internetTo: Need = { ways: [{ to: [...INTERNET, ...PROXY_SERVERS] }] };
export const connecting: Need = { ways: [{ to: except(["exec", "sh", "stdio"]) }] };
/** A command that can't be started may be there later. */
export const tryingAgain: Need = { ways: [{ to: except(["stdio"]) }] };
export const everyToThroughProxy: Need = { ways: [{ to: TCP_TARGET }], every: true };
export const proxyServer: Need = { ways: [{ to: PROXY_SERVERS }] };

/** A header can be read before a WebSocket's handshake, and not before that of TLS. */
export const proxyHeaders: readonly Need[] = [
  { values: ["in"], ways: [{ from: ["tcp", "ws", ...UNIX] }], every: true },
  { values: ["v1", "v2"], ways: [{ to: [...TCP_TARGET, ...UNIX] }], every: true },
];

/** An option that does nothing without another one. */
export const beside = (key: string): Need => ({ ways: [{ beside: key }] });

/** Our own stdin and stdout, which no address of the command line names. */
export const OUR_STDIO: Endpoint = { kind: "stdio" };

/** One operand. Throws an `AddressError` for one that is malformed. */
export function endpointOf(text: string): Endpoint {
  return { kind: parseAddress(text).scheme, text };
}

/** One TO of a relay. Throws an `AddressError` for one that is malformed. */
export function relayTargetOf(text: string): Endpoint {
  return isProxyKind(text) ? { kind: text, text } : endpointOf(text);
}

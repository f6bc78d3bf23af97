/** Needs of the options, by kinds of addresses, and the endpoints of a command line. */
import { parseAddress } from "../address/address.ts";
import { FILE_SCHEMES } from "../address/file_path.ts";
import { isAbstract } from "../address/socket_path.ts";
import type { AddressKind, Endpoint, Need } from "../flags/need.ts";
import { isProxyKind } from "../proxy/kind.ts";
import { needOf } from "../faults/needs.ts";
import type { Stream } from "../faults/toxic.ts";
import { parseToxic } from "./toxic_spec.ts";

const PROXY_SERVERS: readonly AddressKind[] = ["socks5:", "http-proxy:"];
const TLS: readonly AddressKind[] = ["tls", "wss"];
export const WEBSOCKET: readonly AddressKind[] = ["ws", "wss", "ws+unix", "ws+unix:@"];
export const GATES: readonly AddressKind[] = ["gate", "gate+tls", "gate+ws", "gate+wss"];
/** Unix sockets that have a file. */
const UNIX_FILES: readonly AddressKind[] = ["unix", "unixgram", "ws+unix"];
/** Unix sockets for streams. */
const UNIX: readonly AddressKind[] = ["unix", "ws+unix", "unix:@", "ws+unix:@"];
const UNIXGRAM: readonly AddressKind[] = ["unixgram", "unixgram:@"];
export const DATAGRAMS: readonly AddressKind[] = ["udp", ...UNIXGRAM];
export const MESSAGES: readonly AddressKind[] = [...DATAGRAMS, ...WEBSOCKET];
/** Addresses with a host and a port. */
const INTERNET: readonly AddressKind[] = ["tcp", "tls", "udp", "ws", "wss"];
const LISTENABLE: readonly AddressKind[] = [...INTERNET, ...GATES, ...UNIX, ...UNIXGRAM];
/** Targets over TCP, which those of proxy servers are too. */
const TCP_TARGET: readonly AddressKind[] = ["tcp", "tls", "ws", "wss", ...GATES, ...PROXY_SERVERS];
/** What is opened here, and never connected to. */
const OF_OUR_OWN: readonly AddressKind[] = ["exec", "sh", "stdio", "own", ...FILE_SCHEMES];
export const BYTES: readonly AddressKind[] = [
  "tcp",
  "tls",
  ...GATES,
  "unix",
  "unix:@",
  ...OF_OUR_OWN,
  ...PROXY_SERVERS,
];
const ANY: readonly AddressKind[] = [...BYTES, ...MESSAGES];

/** Every other kind. */
export const except = (kinds: readonly AddressKind[]): AddressKind[] =>
  ANY.filter((kind) => !kinds.includes(kind));
const either = (kinds: readonly AddressKind[]): Need => ({
  ways: [{ from: kinds }, { to: kinds }],
});

/** What an address of that kind carries. */
export function carries(kind: AddressKind): "bytes" | "messages" {
  return MESSAGES.includes(kind) ? "messages" : "bytes";
}

export const anAddress: Need = either(ANY);
export const tlsSomewhere: Need = either(TLS);
export const tlsFrom: Need = { ways: [{ from: TLS }] };
export const everyFromTls: Need = { ...tlsFrom, every: true };
/** What is connected to over TLS, gates among it. */
const TLS_TARGET: readonly AddressKind[] = [...TLS, "gate+tls", "gate+wss"];
export const tlsTo: Need = { ways: [{ to: TLS_TARGET }] };
/** Every target, or every gate: with a gate, a target may be a plain one of this machine. */
export const everyToTls: Need = {
  ways: [{ to: TLS_TARGET }, { from: ["gate+tls", "gate+wss"] }],
  every: true,
};
/** Servers that may begin in the clear. */
export const startTls: Need = { ways: [{ to: ["tls"] }] };
export const gateFrom: Need = { ways: [{ from: GATES }] };

export const webSocketSomewhere: Need = either(WEBSOCKET);
/** Listeners that browsers can connect to. */
export const originsChecked: Need = {
  ways: [{ from: WEBSOCKET }, { beside: "metrics" }, { beside: "control" }, { beside: "panel" }],
};
export const webSocketTo: Need = { ways: [{ to: WEBSOCKET }] };
/** One WebSocket: between two, each message keeps its type. */
export const webSocketAndOther: Need = {
  ways: [
    { from: WEBSOCKET, to: except(WEBSOCKET) },
    { from: except(WEBSOCKET), to: WEBSOCKET },
  ],
  expected: "a WebSocket (ws://, wss://, ws+unix:) on one side alone",
};

/** A WebSocket on both sides. */
export const webSockets: Need = {
  ways: [{ from: WEBSOCKET, to: WEBSOCKET }],
  expected: "a WebSocket (ws://, wss://, ws+unix:) on both sides",
};

export const messagesSomewhere: Need = either(MESSAGES);
export const bytesSomewhere: Need = either(BYTES);
/** Bytes and messages: between two of a kind nothing is framed. */
export const bytesAndMessages: Need = {
  ways: [{ from: BYTES, to: MESSAGES }, { from: MESSAGES, to: BYTES }],
  expected:
    "messages (udp://, unixgram:, ws://, wss://, ws+unix:) on one side and bytes on the other",
};
/** Messages of any length: a WebSocket's, or those that a frame finds in bytes. */
export const longMessages: Need = {
  ways: [...webSocketSomewhere.ways, ...bytesAndMessages.ways],
  expected:
    "messages that it can bound: ws://, wss://, ws+unix:, or udp:// and unixgram: with bytes",
};

export const listening: Need = { ways: [{ from: LISTENABLE }] };
/** Anything that is served, also stdin as a single connection. */
export const serving: Need = { ways: [{ from: ANY }] };
export const unixFileFrom: Need = { ways: [{ from: UNIX_FILES }] };
/** Listeners with a port. */
export const portsFrom: Need = { ways: [{ from: INTERNET }] };
/** Peers with addresses, which a Unix socket's have only by a PROXY header. */
export const peersWithAddresses: Need = {
  ways: [{ from: [...INTERNET, ...GATES] }, { from: UNIX, beside: "proxyProtocol=in" }],
};

export const internetTo: Need = { ways: [{ to: [...INTERNET, ...GATES, ...PROXY_SERVERS] }] };
export const udpTo: Need = { ways: [{ to: ["udp"] }] };
export const connecting: Need = { ways: [{ to: except(OF_OUR_OWN) }] };
/** Targets that may be available later, such as a command that isn't installed yet. */
export const tryingAgain: Need = { ways: [{ to: except(["stdio", "own", ...GATES]) }] };
/** Every target; with a gate, commands may be joined with it. */
export const everyToThroughProxy: Need = {
  ways: [{ to: TCP_TARGET }, { from: GATES, to: [...TCP_TARGET, ...OF_OUR_OWN] }],
  every: true,
};
/** Connections over TCP on either side. */
export const tcpSomewhere: Need = {
  ways: [{ from: ["tcp", "tls", "ws", "wss"] }, { to: TCP_TARGET }],
};
export const proxyServer: Need = { ways: [{ to: PROXY_SERVERS }] };

/** A PROXY header can be read before a WebSocket's handshake, and not before a TLS one. */
export const proxyHeaders: readonly Need[] = [
  { values: ["in"], ways: [{ from: ["tcp", "ws", ...UNIX] }], every: true },
  { values: ["v1", "v2"], ways: [{ to: [...TCP_TARGET, ...UNIX] }], every: true },
];

/** A need of those toxics that act on one kind alone, in the streams that go to that side. */
const toxics = (
  kind: "bytes" | "messages",
  side: "from" | "to",
  streams: readonly Stream[],
): Need => ({
  concerns(text) {
    const { type, stream } = parseToxic(text);
    return needOf(type) === kind && streams.includes(stream);
  },
  ways: [{ [side]: kind === "bytes" ? BYTES : MESSAGES }],
  expected: kind === "bytes"
    ? "bytes (tcp://, tls://, unix:, a command)"
    : "messages (udp://, unixgram:, ws://, wss://, ws+unix:)",
});
/** What goes upstream is sent to TO, and what goes downstream to FROM. */
export const toxicsOfRelay: readonly Need[] = (["bytes", "messages"] as const).flatMap((kind) => [
  toxics(kind, "from", ["downstream"]),
  toxics(kind, "to", ["upstream"]),
]);
/** Both are sent to the only side that there is. */
export const toxicsOfEcho: readonly Need[] = (["bytes", "messages"] as const).map((kind) =>
  toxics(kind, "from", ["upstream", "downstream"])
);

/** The need of an option that does nothing without one of others. */
export const beside = (...keys: string[]): Need => ({ ways: keys.map((key) => ({ beside: key })) });

/** The need of an option that does nothing, or the contrary, where another one is given. */
export const without = (key: string): Need => ({ ways: [{ without: key }] });

/** An end of both sides, which a command that only receives never sees; `server -k` has it. */
export const ownEnd: Need = {
  ways: [{ without: "recvOnly" }, { beside: "keepOpen" }],
  values: ["both"],
  expected: "an end of our own, which --recv-only hasn't",
};

/** A peer that takes what is sent, which a file that is only read doesn't. */
export const takingPeer: Need = {
  ways: [{ to: except(["file+read"]) }],
  expected: "an address that what is sent goes to",
};
/** A peer from which something comes. */
export const sayingPeer: Need = {
  ways: [{ to: except(["file+append"]) }],
  expected: "an address that something comes from",
};

/** What ends with a match. */
export const expecting: Need = beside("expect", "expectBytes");

/** A relay that can be watched and changed over HTTP. */
export const controlled: Need = beside("control", "panel");

/** Faults, which a seed makes repeatable. */
export const anyFault: Need = {
  ...beside(
    ...["rate", "delay", "jitter", "chop", "cutAfter", "resetAfter", "stallAfter"],
    ...["drop", "dup", "reorder", "toxic", "control", "panel"],
  ),
  expected: "a fault, such as --toxic",
};

/** `wait`, where it tries more than once. */
export const repeating: Need = { ways: [{ beside: "retry" }, { without: "once" }] };

const ANSWER = "udp://, where it is the time for an answer";
/** A pause of `wait` that nothing else sets, or the time for an answer. */
export const pausing: readonly Need[] = [
  {
    ways: [{ without: "retryDelay" }, { to: ["udp"] }],
    expected: `${ANSWER}: --retry-delay is the pause`,
  },
  { ways: [...repeating.ways, { to: ["udp"] }], expected: `${ANSWER}: --once tries once` },
];

/** Several targets of a relay, to choose from. */
export const severalTargets: Need = {
  ways: [{ targets: 2 }],
  expected: "several TOs, to choose from",
};

/** Our stdin and stdout, which no operand names. */
export const OUR_STDIO: Endpoint = { kind: "own" };

/** The endpoint of one operand. Throws an `AddressError` for a malformed one. */
export function endpointOf(text: string): Endpoint {
  const address = parseAddress(text);
  switch (address.scheme) {
    case "unix":
      return { kind: isAbstract(address.path) ? "unix:@" : "unix", text };
    case "unixgram":
      return { kind: isAbstract(address.path) ? "unixgram:@" : "unixgram", text };
    case "ws+unix":
      return { kind: isAbstract(address.socket) ? "ws+unix:@" : "ws+unix", text };
    default:
      return { kind: address.scheme, text };
  }
}

/** The endpoint of one TO of a relay. Throws an `AddressError` for a malformed one. */
export function relayTargetOf(text: string): Endpoint {
  return isProxyKind(text) ? { kind: text, text } : endpointOf(text);
}

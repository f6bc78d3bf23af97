/** Options that several commands share, in the groups of help. */
import { parseLocal } from "../address/local.ts";
import {
  choice,
  custom,
  defaultTo,
  group,
  joined,
  moved,
  repeated,
  toggle,
} from "../flags/flag.ts";
import { count, duration, list, octal, path, text } from "../flags/kinds.ts";
import { needing } from "../flags/needs.ts";
import { parseCount } from "../flags/values.ts";
import { parseProxy } from "../proxy/url.ts";
import { ENCODING_ERRORS } from "../wrap/encoding.ts";
import { FRAMES } from "../wrap/frame.ts";
import { STARTTLS_PROTOCOLS } from "../transports/tls/starttls_protocols.ts";
import { keepAliveFlags } from "./keep_alive.ts";
import * as needs from "./needs.ts";
import { encodedPeer } from "./text_needs.ts";
import { wsDialFlags, wsListenFlags } from "./websocket.ts";
import { parseAlpn, parsePin, parseServerName } from "./pem.ts";

const alpn = needing(needs.tlsSomewhere, {
  alpn: joined(
    custom("protocols to agree on (ALPN), best first, with commas", parseAlpn, { value: "LIST" }),
  ),
});
const file = (help: string) => path(help, { value: "FILE", file: "read" });

export const tlsListenFlags = group("TLS", {
  ...needing(needs.tlsFrom, {
    cert: file("our certificate and its chain, for the tls:// and wss:// we listen on"),
    key: file("the key of --cert, in the same file or another"),
    selfSigned: toggle("make a certificate in memory for this run, and print its pin"),
  }),
  ...needing(needs.everyFromTls, {
    clientCa: repeated(
      file("let in only clients with a certificate of an authority in this file; repeatable"),
    ),
  }),
  ...alpn,
});

export const tlsDialFlags = group("TLS", {
  ...needing(needs.tlsTo, {
    ca: repeated(file("trust the authorities in this file, too; repeatable")),
    serverName: custom("ask for this name, and check it, instead of the host's", parseServerName, {
      value: "NAME",
    }),
  }),
  ...needing(needs.startTls, {
    starttls: choice(
      "ask for TLS in the clear first, in this protocol's words",
      STARTTLS_PROTOCOLS,
      { value: "PROTOCOL" },
    ),
  }),
  ...alpn,
  ...needing(needs.everyToTls, {
    pin: custom(
      "the peer's certificate has this SHA-256, nothing else counts; takes two connections",
      parsePin,
      {
        value: "sha256:HEX",
      },
    ),
  }),
  ...needing(needs.tlsTo, {
    clientCert: file("the certificate to show a server that asks for one"),
    clientKey: file("the key of --client-cert, in the same file or another"),
    insecure: toggle("accept any certificate: whoever is in between can read and change it all"),
  }),
});

export const listenFlags = group("Listening", {
  ...needing(needs.listening, {
    maxConnections: defaultTo(
      count("close new connections over this number", 1, { short: "m" }),
      "1024",
    ),
  }),
  ...needing(needs.peersWithAddresses, {
    maxPerPeer: count("close new connections from one address over this number", 1),
    allow: list(
      "let only these in: addresses, ranges (10.0.0.0/8), names, @FILE (read again when it changes)",
      { file: "@read" },
    ),
    deny: list("never let these in, whatever --allow says", { file: "@read" }),
  }),
  idleTimeout: duration("end a connection that moves no byte for this long"),
  ...keepAliveFlags,
  ...needing(needs.serving, {
    grace: defaultTo(
      duration("time for connections to finish after SIGINT, SIGTERM or SIGHUP"),
      "5s",
    ),
  }),
  ...needing(needs.listening, {
    handshakeTimeout: defaultTo(duration("time for a peer's handshake (TLS, HTTP)"), "10s"),
    readyFile: path("write the bound addresses to this file, a line each, once all are bound", {
      value: "PATH",
      file: "written",
    }),
  }),
  ...needing(needs.portsFrom, {
    reusePort: toggle("share the port with other coax processes that say so, too (Linux)"),
  }),
  ...needing(needs.unixFileFrom, {
    socketMode: defaultTo(octal("permissions of a Unix socket's file"), "0600"),
  }),
});

/** Parses how often something is tried again. */
export function parseAttempts(given: string): number {
  if (given === "forever") return Infinity;
  if (!/^\d/.test(given)) throw new Error("expected a whole number, or forever");
  return parseCount(given, 0);
}

const dialFlags = group("Connecting", {
  ...needing(needs.internetTo, {
    ipv4: toggle("use IPv4 only", "4"),
    ipv6: toggle("use IPv6 only", "6"),
    bind: custom("connect from this address of ours", parseLocal, { value: "HOST[:PORT]" }),
  }),
  ...needing(needs.udpTo, {
    broadcast: toggle("let datagrams go to a broadcast address, and take answers from anyone"),
  }),
  ...needing(needs.connecting, {
    connectTimeout: defaultTo(duration("give up an attempt after this long"), "10s"),
  }),
  ...needing(needs.tryingAgain, {
    retry: defaultTo(custom("try again this often", parseAttempts, { value: "N|forever" }), "0"),
  }),
  ...needing([needs.tryingAgain, needs.beside("retry")], {
    retryDelay: defaultTo(
      duration("wait before the first retry; doubles with each, up to 30s"),
      "200ms",
    ),
  }),
  idleTimeout: duration("end a connection that moves no byte for this long"),
  ...keepAliveFlags,
  ...needing(needs.everyToThroughProxy, {
    via: repeated(
      custom(
        "through this proxy: socks5://[user:password@]host:port, http://…, socks4a://…",
        parseProxy,
        {
          value: "URL",
        },
      ),
    ),
  }),
});

/** Options of every command that connects. */
export const dialerFlags = { ...dialFlags, ...tlsDialFlags, ...wsDialFlags };

const { ipv4, ipv6, bind, connectTimeout, via } = dialFlags;
const { ca, serverName, pin, clientCert, clientKey, insecure } = tlsDialFlags;

export const GATE_HEADING = "Listening at a gate";

/** Options of listening at a gate, which is connected to. */
export const gateFlags = moved(GATE_HEADING, {
  ...needing(needs.gateFrom, {
    secret: text("prove with this that we may listen there; @FILE has it", {
      value: "TEXT|@FILE",
      file: "@read",
    }),
  }),
  ...{
    ipv4,
    ipv6,
    bind,
    connectTimeout,
    via,
    ca,
    serverName,
    pin,
    clientCert,
    clientKey,
    insecure,
  },
});

/** Options of every command that listens on this machine. */
export const localListenerFlags = { ...listenFlags, ...tlsListenFlags, ...wsListenFlags };
/** Options of every command that listens. */
export const listenerFlags = { ...localListenerFlags, ...gateFlags };

/** The peer's text encoding. */
export const encodingFlags = group("Messages and text", {
  ...needing(encodedPeer, {
    encoding: text("the peer's text encoding: gbk, shift_jis, windows-1252 …", { value: "NAME" }),
  }),
  ...needing(needs.beside("encoding"), {
    encodingErrors: defaultTo(
      choice("what text that an encoding lacks becomes", ENCODING_ERRORS),
      "replace",
    ),
  }),
});

/** How text and messages become bytes, for `server`, `client` and TO of a relay. */
export const framingFlags = {
  ...group("Messages and text", {
    ...needing(needs.webSocketAndOther, {
      text: toggle("messages are text: for stdio the default, a line each"),
    }),
    ...needing([needs.webSocketAndOther, needs.without("text")], {
      binary: toggle("messages are binary"),
    }),
    ...needing(needs.bytesAndMessages, {
      frame: choice("how messages are told apart in a stream", FRAMES),
    }),
  }),
  ...encodingFlags,
};

export const observeFlags = group("Seeing", {
  dump: toggle("show what goes each way as a hexdump on stderr", "x"),
  record: path("record every connection in this file, for coax replay", {
    value: "FILE",
    file: "written",
  }),
  ...needing(needs.beside("record"), { force: toggle("overwrite the file of --record") }),
});

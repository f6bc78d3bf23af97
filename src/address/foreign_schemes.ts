/** Schemes of other programs' URLs, and how their addresses are written here. */
import { nearest } from "../core/nearest.ts";

/** The prefix of the transport under a scheme, and the port that the scheme stands for. */
type Carrier = readonly [prefix: "" | "tls://" | "udp://" | "unix:", port?: number];

const CARRIERS: ReadonlyMap<string, Carrier> = new Map<string, Carrier>([
  ...["tcp4", "tcp6", "socket", "inet", "nc", "plain"].map((name) => [name, [""]] as const),
  ...["ssl", "tcps", "tls4", "tls6"].map((name) => [name, ["tls://"]] as const),
  ...["udp4", "udp6"].map((name) => [name, ["udp://"]] as const),
  ...["unixs", "local", "ipc"].map((name) => [name, ["unix:"]] as const),
  ["amqp", ["", 5672]],
  ["amqps", ["tls://", 5671]],
  ["coap", ["udp://", 5683]],
  ["dict", ["", 2628]],
  ["dns", ["udp://", 53]],
  ["ftp", ["", 21]],
  ["ftps", ["tls://", 990]],
  ["gopher", ["", 70]],
  ["http", ["", 80]],
  ["https", ["tls://", 443]],
  ["imap", ["", 143]],
  ["imaps", ["tls://", 993]],
  ["irc", ["", 6667]],
  ["ircs", ["tls://", 6697]],
  ["ldap", ["", 389]],
  ["ldaps", ["tls://", 636]],
  ["mongodb", ["", 27017]],
  ["mqtt", ["", 1883]],
  ["mqtts", ["tls://", 8883]],
  ["mysql", ["", 3306]],
  ["nats", ["", 4222]],
  ["ntp", ["udp://", 123]],
  ["pop3", ["", 110]],
  ["pop3s", ["tls://", 995]],
  ["postgres", ["", 5432]],
  ["postgresql", ["", 5432]],
  ["redis", ["", 6379]],
  ["rediss", ["tls://", 6379]],
  ["rtsp", ["", 554]],
  ["sftp", ["", 22]],
  ["smtp", ["", 25]],
  ["smtps", ["tls://", 465]],
  ["ssh", ["", 22]],
  ["syslog", ["udp://", 514]],
  ["telnet", ["", 23]],
  ["whois", ["", 43]],
]);

const PROXIES = ["socks", "socks4", "socks4a", "socks5", "socks5h"];
const UNSPOKEN = ["quic", "http3", "sctp", "dtls", "vsock"];

/** Schemes of what coax has in another place, or not at all. */
const ELSEWHERE: ReadonlyMap<string, string> = new Map([
  ...PROXIES.map((name) => [name, "a proxy stands in --via"] as const),
  ...UNSPOKEN.map((name) => [name, "coax doesn't speak it"] as const),
]);

const WEBSOCKETS: ReadonlyMap<string, string> = new Map([["http", "ws"], ["https", "wss"]]);

/** Why an address of a scheme that isn't among `ours` is refused, and what to write for it. */
export function unknownScheme(written: string, rest: string, ours: readonly string[]): string {
  const scheme = written.toLowerCase();
  const unknown = `unknown scheme "${written}"`;
  const elsewhere = ELSEWHERE.get(scheme);
  if (elsewhere) return `${unknown}; ${elsewhere}`;
  const carrier = CARRIERS.get(scheme);
  const meant = carrier && carried(rest, carrier);
  if (meant === undefined) {
    const near = carrier
      ? undefined
      : nearest(scheme, ours.filter((one) => /^[a-z]{3}$|ws/.test(one)));
    return unknown +
      (near ? `; did you mean ${near}://${rest}?` : `; expected ${ours.join(", ")} or -`);
  }
  const family = /^(?:tcp|udp|tls)[46]$/.test(scheme) ? ` with -${scheme.at(-1)}` : "";
  const webSocket = WEBSOCKETS.get(scheme);
  const other = webSocket ? `, or for a WebSocket ${webSocket}://${rest}` : "";
  return `${unknown}; did you mean ${meant}${family}${other}?`;
}

/** `host:80` of what stands behind a scheme; undefined where it has no host, or no port. */
function carried(rest: string, [prefix, port]: Carrier): string | undefined {
  if (prefix === "unix:") return rest === "" ? undefined : prefix + rest;
  const [, host, digits] = /^(\[[\da-f:.]+\]|[\w.-]*)(?::(\d*))?(?:[/?#].*)?$/i.exec(rest) ?? [];
  if (host === undefined || (host === "" && !digits)) return undefined;
  if (/^\d+$/.test(host) && digits === undefined) return prefix + host;
  const number = digits || port;
  return number === undefined ? undefined : `${prefix}${host}:${number}`;
}

/** Options of socat's addresses, and their effects. */
import type { SocatEndpoint } from "./endpoint.ts";
import { durationOf } from "../translation.ts";

type Effect = (endpoint: SocatEndpoint, value: string, option: string) => void;

/** socat's names for joining a multicast group. */
export const JOINS: readonly string[] = [
  "ip-add-membership",
  "ip-membership",
  "add-membership",
  "membership",
  "ipv6-join-group",
  "ipv6-add-membership",
  "join-group",
];

/** coax does this by default. */
const nothing: Effect = () => {};

const adds = (name: string, convert = (value: string) => value): Effect => (endpoint, value) =>
  void endpoint.options.push(name, convert(value));

const seconds = (name: string): Effect => (endpoint, value, option) =>
  void endpoint.options.push(name, durationOf(option, value));

const note = (text: string): Effect => (endpoint, _, option) =>
  void endpoint.notes.push(`${option}: ${text}`);

/** The file of `cert` may have the key as well (socat(1), OPENSSL option group). */
const certificate: Effect = ({ role, options }, file) => {
  const [cert, key] = role === "listen" ? ["--cert", "--key"] : ["--client-cert", "--client-key"];
  options.push(cert!, file);
  if (!options.includes(key!)) options.push(key!, file);
};

const key: Effect = ({ role, options }, file) => {
  const option = role === "listen" ? "--key" : "--client-key";
  const at = options.indexOf(option);
  if (at < 0) options.push(option, file);
  else options[at + 1] = file;
};

/** Chooses our end, whose address and port may come in either order. */
function binds({ options }: SocatEndpoint, host: string, port: string): void {
  const at = options.indexOf("--bind");
  if (at < 0) options.push("--bind", host + port);
  else options[at + 1] = host + options[at + 1]! + port;
}

const TABLE: Readonly<Record<string, Effect>> = {
  fork: (endpoint) => {
    endpoint.fork = true;
    if (endpoint.role === "connect") endpoint.notes.push("fork: coax connects once");
  },
  "reuseaddr so-reuseaddr": nothing,
  "nodelay tcp-nodelay": nothing,
  "proxyport proxyauth proxy-authorization socksport socksuser": nothing,
  "creat create rdonly wronly rdwr noctty o-noctty nonblock o-nonblock": nothing,
  "raw rawer cfmakeraw echo b1200 b2400 b4800 b9600 b19200 b38400 b57600 b115200 b230400 b460800 b921600":
    ({ role, notes, address }, value, option) => {
      const setting = option === "echo" && value === "0" ? "-echo" : option.replace(/^b(?=\d)/, "");
      if (role !== "file") notes.push(`${option}: coax sets no terminal`);
      else notes.push(`${option}: stty sets a line first: stty -F ${address} ${setting}`);
    },
  append: (endpoint) => {
    endpoint.append = true;
  },
  trunc: (endpoint) => {
    endpoint.truncate = true;
  },
  bind: (endpoint, value) => {
    if (endpoint.role === "listen") return;
    if (/^(?:UNIX|ABSTRACT|LOCAL)/.test(endpoint.keyword)) {
      endpoint.notes.push(
        `bind=${value}: coax gives its own end of a Unix socket no path to choose`,
      );
    } else binds(endpoint, value, "");
  },
  "range": (endpoint, value) => {
    const range = rangeOf(value);
    if (range) endpoint.options.push("--allow", range);
    else {endpoint.notes.push(
        `range=${value}: coax wants ADDRESS/BITS, and this mask is no such range`,
      );}
  },
  "max-children max-children-soft": (endpoint, value) => {
    endpoint.options.push("-m", value);
    endpoint.notes.push(
      "max-children: over it, socat lets peers wait; coax -m closes them at once",
    );
  },
  "retry": adds("--retry"),
  "forever": (endpoint) => void endpoint.options.push("--retry", "forever"),
  "interval": (endpoint, value, option) => {
    endpoint.options.push("--retry-delay", durationOf(option, value));
    endpoint.notes.push("interval: coax doubles the delay with each attempt, up to 30s");
  },
  "sourceport sp": (endpoint, value, option) => {
    if (endpoint.role === "connect") binds(endpoint, "", `:${value}`);
    else endpoint.notes.push(`${option}: coax lets peers in from any port`);
  },
  "keepalive so-keepalive": (endpoint, value) => {
    if (value === "0") endpoint.options.push("--keepalive", "off");
  },
  "keepidle tcp-keepidle": seconds("--keepalive"),
  "connect-timeout": seconds("--connect-timeout"),
  "mode": adds("--socket-mode", (value) => value.padStart(4, "0")),
  "crnl crlf": (endpoint) => {
    if (endpoint.role === "stdio") {
      return endpoint.notes.push("crnl of STDIO has no counterpart in coax");
    }
    endpoint.crlf = true;
    endpoint.notes.push(
      "crnl: socat takes CR out of what is received as well; coax leaves it as it is",
    );
  },
  "verify": (endpoint, value) => {
    if (value !== "0") return;
    if (endpoint.role === "connect") endpoint.options.push("--insecure");
  },
  "cafile": (endpoint, value) => {
    if (endpoint.role === "connect") endpoint.options.push("--ca", value);
    else endpoint.notes.push("cafile: coax asks clients for certificates with --client-ca FILE");
  },
  "cert certificate": certificate,
  key,
  "commonname cn snihost": (endpoint, value) => {
    if (endpoint.role === "connect") endpoint.options.push("--server-name", value);
  },
  [JOINS.join(" ")]: (endpoint) => {
    endpoint.notes.push(
      endpoint.role === "listen"
        ? "a group: coax joins it on every interface, and answers each sender by itself"
        : "a group: coax joins the one that it listens at; a client only sends to it",
    );
  },
  "ip-multicast-if multicast-if": adds("--bind"),
  "ip-multicast-ttl multicast-ttl ip-multicast-loop multicast-loop": (endpoint, value, option) => {
    if (value === "" || value === "1") return;
    endpoint.notes.push(`${option}=${value}: coax sends one hop far, to this machine too`);
  },
  "broadcast so-broadcast": (endpoint) => {
    if (endpoint.role === "connect") endpoint.options.push("--broadcast");
  },
  "unix-tightsocklen tightsocklen": (endpoint, value) => {
    if (value !== "0") return;
    endpoint.notes.push("unix-tightsocklen=0: coax gives a name the length that it has");
  },
  "unlink-early": note("coax replaces a socket that nobody serves, and never a live one"),
  "stderr": note("coax passes a child's stderr to its own"),
  "pty": note("coax's children have pipes, no terminal"),
  "nofork": note("coax stays between the child and the connection"),
  "ignoreeof ignoreof": note(
    "socat goes on as if its end never came, as tail -f does; coax passes the end on to the peer",
  ),
  "pf protocol-family": (endpoint, value) => {
    if (/4$/.test(value) && endpoint.role === "connect") endpoint.options.push("-4");
    if (/6$/.test(value) && endpoint.role === "connect") endpoint.options.push("-6");
  },
};

/** `ADDRESS/BITS` from socat's `ADDRESS/BITS`, `ADDRESS:MASK` or `[ADDRESS]/BITS`. */
function rangeOf(text: string): string | undefined {
  const [, address, mask] = /^([\d.]+):([\d.]+)$/.exec(text) ?? [];
  if (address === undefined) return text.replace(/[[\]]/g, "");
  const octets = mask!.split(".").map(Number);
  const bits = octets.map((octet) => octet.toString(2).padStart(8, "0")).join("");
  const isMask = octets.length === 4 && /^1*0*$/.test(bits) && bits.length === 32;
  return isMask ? `${address}/${bits.replace(/0/g, "").length}` : undefined;
}

export const SOCAT_OPTIONS: ReadonlyMap<string, Effect> = new Map(
  Object.entries(TABLE).flatMap(([names, effect]) =>
    names.split(" ").map((name) => [name, effect] as const)
  ),
);

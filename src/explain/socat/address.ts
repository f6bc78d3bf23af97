/** Parses an address of socat (1.7.4): `TCP-LISTEN:80,fork,reuseaddr`. */
import { UsageError } from "../../core/errors.ts";
import type { SocatEndpoint } from "./endpoint.ts";
import { JOINS, SOCAT_OPTIONS } from "./options.ts";
import { hostPort, portOf, socketFile } from "../translation.ts";

interface AddressType {
  readonly role: SocatEndpoint["role"];
  /** Makes coax's address of the parameters and the options by name. */
  address(parameters: readonly string[], options: ReadonlyMap<string, string>): string;
}

const inet = (scheme: string): AddressType => ({
  role: "connect",
  address: ([host, port]) => scheme + hostPort(required(host), portOf(required(port))),
});

/** Listens at `bind=`, else at `wildcard`, that of one family, else at every interface. */
const listener = (scheme: string, wildcard = ""): AddressType => ({
  role: "listen",
  address: ([port], options) => {
    const host = options.get("bind")?.replace(/:\d*$/, "") ?? wildcard;
    return scheme +
      (host ? hostPort(host, portOf(required(port), 0)) : `:${portOf(required(port), 0)}`);
  },
});

/** Listens for datagrams; to a multicast group, where one is joined. */
const datagrams = (wildcard = ""): AddressType => ({
  role: "listen",
  address(parameters, options) {
    const group = groupOf(options);
    return listener("udp://", wildcard).address(
      parameters,
      group === undefined ? options : new Map([...options, ["bind", group]]),
    );
  },
});

/** The group of `ip-add-membership=239.1.2.3:eth0` or `ipv6-join-group=[ff02::1]:eth0`. */
function groupOf(options: ReadonlyMap<string, string>): string | undefined {
  const name = [...options.keys()].find((key) => JOINS.includes(key));
  return /^(?:\[[^\]]+\]|[^:]+)/.exec(options.get(name ?? "") ?? "")?.[0];
}

const path = (role: "connect" | "listen"): AddressType => ({
  role,
  address: ([name]) => socketFile(required(name)),
});

const unixDatagrams = (role: "connect" | "listen"): AddressType => ({
  role,
  address: ([name]) => socketFile(required(name), "unixgram"),
});

const abstractDatagrams = (role: "connect" | "listen"): AddressType => ({
  role,
  address: ([name]) => `unixgram:@${required(name)}`,
});

const abstract = (role: "connect" | "listen"): AddressType => ({
  role,
  address: ([name]) => `unix:@${required(name)}`,
});

const TCP_LISTEN = listener("");
const UDP_LISTEN = datagrams();
const TLS_LISTEN = listener("tls://");

const V4 = "0.0.0.0";
const V6 = "[::]";

/** socat's keywords; its other address types have no counterpart. */
const ADDRESS_TYPES = new Map<string, AddressType>(
  Object.entries<AddressType>({
    "TCP TCP4 TCP6 TCP-CONNECT TCP4-CONNECT TCP6-CONNECT": inet(""),
    "TCP-LISTEN TCP-L": TCP_LISTEN,
    "TCP4-LISTEN TCP4-L": listener("", V4),
    "TCP6-LISTEN TCP6-L": listener("", V6),
    "OPENSSL SSL OPENSSL-CONNECT SSL-CONNECT": inet("tls://"),
    "OPENSSL-LISTEN SSL-LISTEN OPENSSL-L SSL-L": TLS_LISTEN,
    "UDP UDP4 UDP6 UDP-CONNECT UDP4-CONNECT UDP6-CONNECT UDP-SENDTO UDP4-SENDTO UDP6-SENDTO UDP-DATAGRAM UDP4-DATAGRAM UDP6-DATAGRAM":
      inet("udp://"),
    "UDP-LISTEN UDP-L UDP-RECVFROM UDP-RECV": UDP_LISTEN,
    "UDP4-LISTEN UDP4-L UDP4-RECVFROM UDP4-RECV": datagrams(V4),
    "UDP6-LISTEN UDP6-L UDP6-RECVFROM UDP6-RECV": datagrams(V6),
    "UNIX UNIX-CONNECT UNIX-CLIENT LOCAL": path("connect"),
    "UNIX-LISTEN UNIX-L": path("listen"),
    "ABSTRACT ABSTRACT-CONNECT ABSTRACT-CLIENT": abstract("connect"),
    "ABSTRACT-LISTEN": abstract("listen"),
    "UNIX-SENDTO UNIX-DATAGRAM": unixDatagrams("connect"),
    "UNIX-RECVFROM UNIX-RECV": unixDatagrams("listen"),
    "ABSTRACT-SENDTO ABSTRACT-DATAGRAM": abstractDatagrams("connect"),
    "ABSTRACT-RECVFROM ABSTRACT-RECV": abstractDatagrams("listen"),
    "EXEC": { role: "child", address: (words) => `exec:${required(words.join(":"))}` },
    "SYSTEM SHELL": { role: "child", address: (words) => `sh:${required(words.join(":"))}` },
    "- STDIO STDIN STDOUT": { role: "stdio", address: () => "-" },
    "PIPE FIFO ECHO": { role: "echo", address: () => "" },
    "FILE OPEN CREATE CREAT GOPEN": { role: "file", address: ([name]) => required(name) },
    "SOCKS4 SOCKS4A SOCKS5 SOCKS5-CONNECT": {
      role: "connect",
      address: (parts) => hostPort(required(parts.at(-2)), portOf(required(parts.at(-1)))),
    },
    "PROXY PROXY-CONNECT": {
      role: "connect",
      address: ([, host, port]) => hostPort(required(host), portOf(required(port))),
    },
  }).flatMap(([names, kind]) => names.split(" ").map((name) => [name, kind] as const)),
);

/** Parses one address. Null, with a note, where coax has nothing like it. */
export function parseSocatAddress(text: string, notes: string[]): SocatEndpoint | null {
  const [head, ...written] = split(text, ",");
  const [name, ...parameters] = partsOf(head!);
  const keyword = name!.toUpperCase();
  const type = ADDRESS_TYPES.get(keyword);
  if (!type || (type.role === "echo" && parameters.length > 0)) {
    if (!/^[A-Za-z][\w-]*$/.test(name!)) {
      throw new UsageError(`"${text}"`, "expected a socat address");
    }
    notes.push(`coax has nothing like ${keyword}`);
    return null;
  }
  const options = new Map(
    written.filter(Boolean).map(unquote).map((option) => {
      const [, key, value] = /^([^=]*)(?:=(.*))?$/s.exec(option)!;
      return [key!, value ?? ""];
    }),
  );
  const address = type.address(parameters, options);
  const endpoint: SocatEndpoint = {
    ...type,
    keyword,
    address,
    options: [],
    notes,
    fork: false,
    crlf: false,
    append: false,
    truncate: keyword.startsWith("CREAT"),
    listensWide: type.role === "listen" && /^(?:\w+:\/\/)?:\d+$/.test(address),
  };
  const family = /^(?:TCP|UDP)([46])(?:-CONNECT|-SENDTO|-DATAGRAM)?$/.exec(keyword)?.[1];
  if (type.role === "connect" && family) endpoint.options.push(`-${family}`);
  if (keyword.startsWith("PROXY")) throughProxy(endpoint, parameters[0], options);
  if (keyword.startsWith("SOCKS")) throughSocks(endpoint, parameters, options);
  for (const [option, value] of options) apply(endpoint, option, value);
  return endpoint;
}

/** A keyword and its parameters; a path alone is a GOPEN (socat(1)). */
function partsOf(head: string): string[] {
  const [name, ...parameters] = split(head, ":").map(unquote);
  return name!.includes("/") ? ["GOPEN", unquote(head)] : [name!, ...parameters];
}

/** Adds the proxy of `PROXY:proxy:host:port,proxyport=…` (socat(1), PROXY). */
function throughProxy(
  endpoint: SocatEndpoint,
  proxy: string | undefined,
  options: ReadonlyMap<string, string>,
) {
  const credentials = options.get("proxyauth") ?? options.get("proxy-authorization");
  const who = credentials ? `${credentials}@` : "";
  endpoint.options.push(
    "--via",
    `http://${who}${required(proxy)}:${options.get("proxyport") ?? "8080"}`,
  );
}

/**
 * Adds the proxy of `SOCKS5-CONNECT:proxy:1080:host:port` or `SOCKS4:proxy:host:port,socksport=…`
 * (socat(1)).
 */
function throughSocks(
  endpoint: SocatEndpoint,
  parts: readonly string[],
  options: ReadonlyMap<string, string>,
) {
  if (parts.length < 3) {
    throw new UsageError(endpoint.keyword, "expected as many parts as socat does");
  }
  if (/^SOCKS4$/.test(endpoint.keyword)) {
    endpoint.notes.push("SOCKS4: with coax, the proxy resolves a name (SOCKS4A)");
  }
  const scheme = endpoint.keyword.startsWith("SOCKS4") ? "socks4a" : "socks5";
  const user = options.get("socksuser");
  const port = parts.length > 3 ? parts[1]! : options.get("socksport") ?? "1080";
  endpoint.options.push(
    "--via",
    `${scheme}://${user ? `${user}@` : ""}${hostPort(parts[0]!, portOf(port))}`,
  );
}

function apply(endpoint: SocatEndpoint, option: string, value: string): void {
  const effect = SOCAT_OPTIONS.get(option.toLowerCase());
  if (effect) effect(endpoint, value, option);
  else {endpoint.notes.push(
      `${option} of ${endpoint.keyword} has no counterpart that coax knows of`,
    );}
}

function required(parameter: string | undefined): string {
  if (!parameter) throw new UsageError("ADDRESS", "expected as many parts as socat does");
  return parameter;
}

/** Splits outside of quotes, brackets and backslashes (socat(1), ADDRESS SPECIFICATIONS). */
function split(text: string, separator: string): string[] {
  const protectedOr = /\\[^]|"(?:\\.|[^"\\])*"|'[^']*'|\[[^\]]*\]|\{[^}]*\}|\([^)]*\)|[^]/g;
  const parts = [""];
  for (const [piece] of text.matchAll(protectedOr)) {
    if (piece === separator) parts.push("");
    else parts[parts.length - 1] += piece;
  }
  return parts;
}

/** Removes quotes and backslashes; brackets of IPv6 stay. */
function unquote(text: string): string {
  return text.replace(
    /\\([^])|"((?:\\.|[^"\\])*)"|'([^']*)'/g,
    (_, one, double, single) => one ?? double?.replace(/\\(["\\])/g, "$1") ?? single,
  );
}

/** Parses addresses to immutable values. Nothing else in coax takes addresses apart. */
import { AddressError } from "../core/errors.ts";
import { suggestion } from "../core/nearest.ts";
import { servicePort, wellKnownServices } from "../platform/services.ts";
import { parseWords } from "./command.ts";
import { isIPv6, LOOPBACK, parseIPv4 } from "./ip.ts";
import { type FileScheme, isFileScheme, parseFilePath } from "./file_path.ts";
import { hostName } from "./host.ts";
import { adviceFor, keywordAdvice } from "./foreign.ts";
import { unknownScheme } from "./foreign_schemes.ts";
import { fitsBasic, type Login, parseLogin } from "./login.ts";
import { parseRequestTarget } from "./request_target.ts";
import { PREFIXES } from "./schemes.ts";
import { parseSocketPath } from "./socket_path.ts";

/** Host and port; `ANY` and `LOOPBACK` stand for both families. */
export interface HostPort {
  /**
   * A name in its ASCII form, an IPv4 address, an IPv6 address without brackets, `LOOPBACK` or
   * `ANY`.
   */
  readonly host: string;
  readonly port: number;
}

/** The host of `:9000` and `*:9000`: every interface. */
export const ANY = "*";

interface WithText {
  /** The address as the user wrote it, its login masked, for messages. */
  readonly text: string;
}

export type Address =
  & WithText
  & Readonly<
    | HostPort & { scheme: "tcp" | "tls" | "udp" }
    /** `path` begins with a slash and includes the query; undefined where none was written. */
    | HostPort & { scheme: "ws" | "wss"; path?: string; login?: Login }
    /** `asked` is the port to listen on at the gate; 0 for any. */
    | HostPort & { scheme: GateScheme; asked: number }
    /** `path` is a file's, or an abstract name after a NUL. */
    | { scheme: "unix"; path: string }
    | { scheme: "unixgram"; path: string }
    | { scheme: FileScheme; path: string }
    | { scheme: "ws+unix"; socket: string; path?: string }
    | { scheme: "exec"; words: readonly string[] }
    | { scheme: "sh"; line: string }
    | { scheme: "stdio" }
  >;

/** A port of the machine where a gate runs, which is reached over TCP, TLS or a WebSocket. */
export type GateScheme = "gate" | "gate+tls" | "gate+ws" | "gate+wss";

const SCHEMES = Object.keys(PREFIXES).filter((scheme) => scheme !== "stdio");

/** Schemes of this machine's own, before whatever follows. */
const LOCAL_FORM = /^(exec|sh|unix|unixgram|ws\+unix|file|file\+read|file\+append):(.*)$/is;

/** Parses one address. Throws an `AddressError` that quotes it and says what was expected. */
export function parseAddress(text: string): Address {
  if (text === "-" || text === "stdio:") return { scheme: "stdio", text };
  const [, written, rest] = LOCAL_FORM.exec(text) ?? [];
  const scheme = written?.toLowerCase();
  if (isFileScheme(scheme)) return { scheme, path: parseFilePath(text, scheme, rest!), text };
  switch (scheme) {
    case "exec":
      return { scheme: "exec", words: parseWords(text, rest!), text };
    case "sh":
      if (!rest!.trim()) throw malformed(text, "expected sh:LINE");
      return { scheme: "sh", line: rest!, text };
    case "unix":
      return { scheme, path: parseSocketPath(text, rest!, "unix:PATH or unix:///PATH"), text };
    case "unixgram":
      return { scheme: "unixgram", path: parseSocketPath(text, rest!, "unixgram:PATH"), text };
    case "ws+unix":
      return parseWebSocketOverUnix(text, rest!);
    default:
      return parseUrl(text);
  }
}

/** `scheme://login@rest`; schemes are case-insensitive (RFC 3986 §3.1). */
const URL_FORM = /^(?:([a-z][a-z0-9+.-]*):\/\/)?(?:([^/?#]*)@)?(.*)$/is;

function parseUrl(text: string): Address {
  const [, written, login, authority] = URL_FORM.exec(text)!;
  const scheme = written?.toLowerCase();
  const shown = login === undefined ? text : text.replace(`${login}@`, "***@");
  switch (scheme) {
    case undefined:
    case "tcp":
    case "tls":
    case "udp":
      if (login !== undefined) throw malformed(shown, LOGIN);
      if (!scheme) refuseSchemeAsHost(text);
      return { scheme: scheme ?? "tcp", ...parseHostPort(text, authority!), text };
    case "ws":
    case "wss": {
      const credentials = login ? webLogin(shown, login) : undefined;
      const slash = authority!.search(/[/?]/);
      const hostPort = slash < 0 ? authority! : authority!.slice(0, slash);
      const path = slash < 0 ? undefined : parseRequestTarget(shown, authority!.slice(slash));
      const target = parseHostPort(shown, hostPort, scheme === "ws" ? 80 : 443);
      const optional = credentials ? { path, login: credentials } : { path };
      return { scheme, ...target, ...optional, text: shown };
    }
    case "gate":
    case "gate+tls":
    case "gate+ws":
    case "gate+wss": {
      if (login !== undefined) throw malformed(shown, `${LOGIN}; use --secret`);
      const [, hostPort = "", asked = "0"] = /^([^/]*)(?:\/(\d{1,5}))?\/?$/.exec(authority!) ?? [];
      if (!hostPort) {
        throw malformed(text, `expected ${scheme}://HOST:PORT or ${scheme}://HOST:PORT/PORT`);
      }
      return { scheme, ...parseHostPort(text, hostPort), asked: parsePort(text, asked), text };
    }
    default:
      throw malformed(shown, unknownScheme(written!, authority!, SCHEMES));
  }
}

const LOGIN = "a user and password can't stand in an address";

/** Parses a login as Basic can carry it (RFC 7617 §2). */
function webLogin(shown: string, text: string): Login {
  const login = parseLogin(text);
  if (login && fitsBasic(login)) return login;
  throw malformed(shown, "expected a user without colons and a password, each percent-encoded");
}

/** Refuses `udp:9000` and `TCP4:9000`, which would be TCP port 9000 of a host of that name. */
function refuseSchemeAsHost(text: string): void {
  const [, scheme, rest] = /^(tcp|tls|udp|wss?):([^/,][^,]*|\/[^/,][^,]*)(?:,.*)?$/is.exec(text) ??
    [];
  const meant = scheme && `did you mean ${scheme.toLowerCase()}://${rest!.replace(/^\//, "")}?`;
  const advice = meant ?? keywordAdvice(text);
  if (advice) throw malformed(text, `expected SCHEME://HOST:PORT; ${advice}`);
}

/** Whether an address can be listened on. */
export function canListen({ scheme }: Address): boolean {
  return scheme !== "exec" && scheme !== "sh" && scheme !== "stdio" && !isFileScheme(scheme);
}

/** Whether an address can only be listened on. */
export function isGate(address: Address): address is Extract<Address, { scheme: GateScheme }> {
  return address.scheme.startsWith("gate");
}

/** Formats a bound or connected address, in a form that `parseAddress` takes. */
export function formatHostPort(scheme: string, host: string, port: number, path = ""): string {
  return `${scheme}://${formatAuthority({ host, port })}${path}`;
}

/** `host:9000`, `[::1]:9000` (RFC 3986 §3.2). */
export function formatAuthority({ host, port }: HostPort): string {
  return `${host.includes(":") ? `[${host}]` : host}:${port}`;
}

function malformed(text: string, expected: string): AddressError {
  return new AddressError(text, expected);
}

const EXPECTED = "expected PORT, HOST:PORT, [IPv6]:PORT or SCHEME://HOST:PORT";

/** An address that has none of these forms, with what is probably meant. */
function formless(text: string): AddressError {
  const advice = adviceFor(text);
  return malformed(text, advice ? `${EXPECTED}; ${advice}` : EXPECTED);
}

function parseHostPort(text: string, written: string, standardPort?: number): HostPort {
  if (/^\d+$/.test(written)) return { host: LOOPBACK, port: parsePort(text, written) };
  const match = /^(\[[^\]]*\]|[^:[\]]*)(?::(\d*|[a-z][\w-]*))?$/i.exec(written);
  if (!match) {
    const bare = isIPv6(written) || isIPv6(written.replace(/:\d+$/, ""));
    if (!bare) throw formless(text);
    throw malformed(text, "expected brackets around an IPv6 address: [::1]:9000");
  }
  const [, host, port] = match;
  if (!port && (standardPort === undefined || port === "" || !host)) throw formless(text);
  const parsedHost = parseHost(text, host!);
  return { host: parsedHost, port: port ? parsePort(text, port) : standardPort! };
}

function parseHost(text: string, host: string): string {
  if (host === "" || host === "*") return ANY;
  if (host.startsWith("[")) {
    const address = host.slice(1, -1);
    if (!isIPv6(address)) throw malformed(text, "expected an IPv6 address in brackets");
    return address;
  }
  if (/^[\d.]+$/.test(host) && !parseIPv4(host)) {
    throw malformed(text, "expected an IPv4 address of four numbers from 0 to 255");
  }
  const name = hostName(host);
  if (name === undefined) throw formless(text);
  return name;
}

/** A port's number, also of a service by its name (`ssh`). */
function parsePort(text: string, written: string): number {
  if (!/^\d/.test(written)) return serviceOf(text, written);
  const port = Number(written);
  if (port > 65535) throw malformed(text, "expected a port from 0 to 65535");
  return port;
}

function serviceOf(text: string, name: string): number {
  const port = servicePort(name, /^udp:/i.test(text) ? "udp" : "tcp");
  if (port !== undefined) return port;
  const near = () => `no service is called "${name}"${suggestion(name, wellKnownServices)}`;
  throw malformed(text, `${EXPECTED}; ${adviceFor(text) || near()}`);
}

function parseWebSocketOverUnix(text: string, written: string): Address {
  const [, path, target] = /^(.+?)(?::(\/.*))?$/s.exec(written) ?? [];
  const expected = "ws+unix:PATH:/URI";
  if (path === undefined) throw malformed(text, `expected ${expected}`);
  return {
    scheme: "ws+unix",
    socket: parseSocketPath(text, path, expected),
    path: target === undefined ? undefined : parseRequestTarget(text, target),
    text,
  };
}

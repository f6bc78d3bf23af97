/** What nc, ncat and telnet share: one connection, and stdio or a command. */
import { UsageError } from "../../core/errors.ts";
import { Draft } from "../effects.ts";
import type { Effect } from "../options.ts";
import { hostPort, portOf, socketFile, type Translation } from "../translation.ts";

/** A netcat's command line, as its options fill it in. */
export class NetcatDraft extends Draft {
  listen = false;
  keepOpen = false;
  udp = false;
  unix = false;
  tls = false;
  scan = false;
  family?: 4 | 6;
  /** A child process in place of stdio: `exec:` or `sh:`. */
  command?: string;
  sourceAddress?: string;
  sourcePort?: string;
  connectTimeout?: string;
  proxy?: { type: "http" | "socks4a" | "socks5"; host: string };
  credentials?: string;
  /** Options that only `server` and `client` take. */
  readonly talkOptions: string[] = [];

  constructor(readonly tool: string, readonly defaultPort?: string) {
    super();
  }
}

/** Adds an option that only `server` and `client` take. */
export const talks = (...options: string[]): Effect<NetcatDraft> => (draft) =>
  void draft.talkOptions.push(...options);

/** Whether only one side sends, so that it doesn't matter which sends EOF first. */
export function isOneWay({ talkOptions }: NetcatDraft): boolean {
  return talkOptions.includes("--recv-only") || talkOptions.includes("--send-only");
}

/** Makes coax's command of a draft and its operands: a host and a port, or a path. */
export function assemble(draft: NetcatDraft, operands: readonly string[]): Translation {
  if (draft.scan && !draft.unix) {
    const ports = portsOf(operands);
    if (ports) return { words: scanCommand(draft, operands[0]!, ports), notes: draft.notes };
  }
  const address = draft.unix ? unixAddress(draft, operands) : inetAddress(draft, operands);
  if (address === undefined) return { notes: draft.notes };
  const words = draft.scan
    ? waitCommand(draft, address)
    : draft.listen
    ? listenCommand(draft, address)
    : connectCommand(draft, address);
  return { words, notes: draft.notes };
}

function listenCommand(draft: NetcatDraft, address: string): string[] {
  const { keepOpen, command, options, talkOptions } = draft;
  if (command === undefined) {
    return ["server", ...keepOpen ? ["-k"] : [], ...options, ...talkOptions, address];
  }
  noteTalkOptions(draft);
  return ["relay", ...keepOpen ? [] : ["--once"], ...options, address, command];
}

function connectCommand(draft: NetcatDraft, address: string): string[] {
  const { family, connectTimeout, command, options, talkOptions } = draft;
  const dialOptions = [
    ...family && !draft.unix ? [`-${family}`] : [],
    ...ownAddress(draft),
    ...connectTimeout ? ["--connect-timeout", connectTimeout] : [],
    ...via(draft),
    ...options,
  ];
  if (command === undefined) return ["client", ...dialOptions, ...talkOptions, address];
  noteTalkOptions(draft);
  return ["relay", ...dialOptions, command, address];
}

/** Notes the options for stdin and stdout, which have no effect beside a command. */
function noteTalkOptions(draft: NetcatDraft): void {
  for (const option of draft.talkOptions.filter((word) => word.startsWith("-"))) {
    draft.note(`${option} is for stdin and stdout: coax has no such thing where a command talks`);
  }
}

function waitCommand(draft: NetcatDraft, ...addresses: string[]): string[] {
  const { family, connectTimeout } = draft;
  return [
    "wait",
    "--once",
    ...family ? [`-${family}`] : [],
    ...ownAddress(draft),
    ...via(draft),
    ...connectTimeout ? ["--connect-timeout", connectTimeout] : [],
    ...draft.options,
    ...addresses,
  ];
}

/** Several ports, or ranges of them; undefined for a single port. */
function portsOf([, ...ports]: readonly string[]): string[] | undefined {
  const ranges = ports.map((port) => /^(\d+)-(\d+)$/.exec(port));
  if (ports.length < 2 && !ranges[0]) return undefined;
  return ports.map((port, i) => {
    const [, first, last] = ranges[i] ?? [];
    if (first === undefined) return portOf(port);
    const [from, to] = [portOf(first), portOf(last!)];
    // nc takes a range from either end.
    return +from <= +to ? `${from}-${to}` : `${to}-${from}`;
  });
}

/** Tries several ports: which are open stands on stdout, without -v. */
function scanCommand(draft: NetcatDraft, host: string, ports: string[]): string[] {
  draft.note(`${draft.tool} -z ends with status 0 if one of them is open; coax if all are`);
  const scheme = draft.udp ? "udp://" : "";
  const words = waitCommand(draft, ...ports.map((port) => scheme + hostPort(host, port)));
  return words.filter((word) => !/^-v+$/.test(word));
}

/** Our own address and port, of which either may be missing. */
function ownAddress(draft: NetcatDraft): string[] {
  const { sourceAddress, sourcePort, unix } = draft;
  if (sourceAddress === undefined && sourcePort === undefined) return [];
  if (unix) {
    draft.note("-s and -p are for addresses with a port, which a Unix socket hasn't");
    return [];
  }
  if (sourcePort === undefined) return ["--bind", sourceAddress!];
  return ["--bind", sourceAddress ? hostPort(sourceAddress, sourcePort) : `:${sourcePort}`];
}

function via({ proxy, credentials }: NetcatDraft): string[] {
  if (!proxy) return [];
  const [user, ...password] = (credentials ?? "").split(":").map(encodeURIComponent);
  const who = credentials === undefined ? "" : `${[user, ...password].join(":")}@`;
  return ["--via", `${proxy.type}://${who}${proxy.host}`];
}

function unixAddress(draft: NetcatDraft, [path, ...more]: readonly string[]): string {
  if (path === undefined || more.length > 0) {
    throw new UsageError(more[0] ?? draft.tool, "expected the path of one Unix socket");
  }
  const scheme = draft.udp ? "unixgram" : "unix";
  if (path.startsWith("@") && draft.tool !== "ncat") return `${scheme}:${path}`; // nc(1), -U
  if (draft.listen) draft.note("coax removes the socket's file at its end, and makes it 0600");
  return socketFile(path, scheme);
}

function inetAddress(draft: NetcatDraft, operands: readonly string[]): string | undefined {
  const [host, port, ...more] = hostAndPort(draft, operands);
  if (port === undefined) throw new UsageError(draft.tool, "expected a port");
  if (more.length > 0 || /^\d+-\d+$/.test(port)) {
    draft.note("coax takes one port of one host at a time; coax wait takes several addresses");
    return undefined;
  }
  const scheme = draft.udp ? "udp://" : draft.tls ? "tls://" : "";
  return scheme + hostAddress(draft, host, portOf(port, draft.listen ? 0 : 1));
}

/** The host, the port, and operands that are too many. */
function hostAndPort(
  { listen, sourceAddress, sourcePort, defaultPort }: NetcatDraft,
  operands: readonly string[],
): (string | undefined)[] {
  const [first, ...rest] = operands;
  if (!listen) return [first, rest[0] ?? defaultPort, ...rest.slice(1)];
  if (sourcePort !== undefined) return [first ?? sourceAddress, sourcePort, ...rest];
  if (rest.length > 0) return [...operands];
  const isPort = first !== undefined && /^(?:\d+(-\d+)?|\$\w+|\$\{\w+\}|%p)$/.test(first);
  return isPort ? [sourceAddress, first] : [first ?? sourceAddress, defaultPort];
}

function hostAddress(draft: NetcatDraft, host: string | undefined, port: string): string {
  const { listen, family } = draft;
  if (host !== undefined) return hostPort(host, port);
  if (!listen) throw new UsageError(draft.tool, "expected a host");
  if (family === 4) return `0.0.0.0:${port}`;
  if (family === 6) {
    draft.note(`-6: ${draft.tool} listens over IPv6 alone; coax's [::] takes IPv4 peers as well`);
    return `[::]:${port}`;
  }
  return `:${port}`;
}

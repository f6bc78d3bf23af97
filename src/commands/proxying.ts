/** A relay as a proxy server: TO is wherever the client asks to go, if that is allowed. */
import type { Address } from "../address.ts";
import type { Duplex, End } from "../core/duplex.ts";
import {
  BrokenError,
  type CoaxError,
  ForbiddenError,
  ResolveError,
  TimeoutError,
  UnavailableError,
  UsageError,
} from "../core/errors.ts";
import { within } from "../core/time.ts";
import { respond } from "../http/answer.ts";
import {
  formatRequest,
  formatResponse,
  HeadError,
  parseRequest,
  type RawHead,
  readHead,
  type RequestHead,
} from "../http/head.ts";
import { REPLY, socks5Accept, socks5Reply } from "../proxy/socks5.ts";
import { type Allow, allowTargets } from "../proxy/allow.ts";
import { formatTarget, parseTarget, type Target } from "../proxy/target.ts";
import { preamble } from "../wrap/local.ts";
import type { Destination, DestinationOptions, ProxyKind } from "./destination.ts";

const KINDS: Record<ProxyKind, () => ProxyServer> = {
  "socks5:": () => socks5Server,
  "http-proxy:": () => httpProxyServer,
};

/** The destination of a proxy server of that kind. Throws a `UsageError` for a bad list. */
export function proxyDestination(kind: ProxyKind, options: DestinationOptions): Destination {
  const allow = allowed(options.allowTarget);
  return {
    addresses: [],
    open: (from, connect, log) => {
      const reach = ({ host, port }: Target) =>
        connect(tcpAddress({ host, port }), log, (ip) => allow(host, ip, port));
      return proxyFor(KINDS[kind](), from, reach, options.handshakeTimeout);
    },
  };
}

function allowed(entries: readonly string[]): Allow {
  try {
    return allowTargets(entries);
  } catch (error) {
    throw new UsageError("--allow-target", (error as Error).message);
  }
}

function tcpAddress(target: Target): Address {
  return { scheme: "tcp", ...target, text: formatTarget(target) };
}

/** What a kind of proxy needs to know to serve one client. */
export interface ProxyServer {
  /** Takes the client's request. */
  accept(client: Duplex): Promise<Request>;
}

/** A client's wish, and how it is answered. */
export interface Request {
  readonly target: Target;
  /** The client, with what it has sent behind its request still to be read. */
  readonly client: Duplex;
  /** Says that the target is connected, on the way that the client expects. */
  succeed(target: End): Promise<void>;
  /** Says why it is not. */
  refuse(error: CoaxError): Promise<void>;
}

export const socks5Server: ProxyServer = {
  async accept(client) {
    const target = await socks5Accept(client);
    return {
      target,
      client,
      succeed: () => socks5Reply(client, REPLY.succeeded),
      refuse: (error) => socks5Reply(client, socks5ReplyFor(error)),
    };
  },
};

/** The reply that fits best (RFC 1928 §6). */
function socks5ReplyFor(error: CoaxError): number {
  if (error instanceof ForbiddenError) return REPLY.notAllowed;
  if (error instanceof ResolveError || isLate(error)) return REPLY.hostUnreachable;
  if (error instanceof UnavailableError) {
    const { code } = (error.cause ?? {}) as { code?: string };
    if (code === "ECONNREFUSED") return REPLY.refused;
    if (code === "ENETUNREACH") return REPLY.networkUnreachable;
    if (code === "EHOSTUNREACH") return REPLY.hostUnreachable;
  }
  return REPLY.failure;
}

/** CONNECT, and requests with the whole URL in their first line (RFC 9112 §3.2.2). */
export const httpProxyServer: ProxyServer = {
  async accept(client) {
    const raw = await headFrom(client);
    const request = raw && parse(raw.text);
    const target = request && targetOf(request);
    if (!target) {
      await respond(client, "", { status: 400, body: "Expected CONNECT host:port, or a URL.\n" });
      throw new BrokenError("proxy", client.peer, "HTTP: no request that a proxy can serve");
    }
    return {
      target,
      client: preamble(client, raw.rest),
      succeed: (end) => request.method === "CONNECT" ? established(client) : pass(request, end),
      refuse: (error) =>
        respond(client, request.method, { status: statusFor(error), body: `${error.message}\n` }),
    };
  },
};

async function headFrom(client: Duplex): Promise<RawHead | null> {
  try {
    return await readHead(client);
  } catch (error) {
    if (error instanceof HeadError) return null;
    throw error;
  }
}

function parse(text: string): RequestHead | null {
  try {
    return parseRequest(text);
  } catch {
    return null;
  }
}

function targetOf({ method, target }: RequestHead): Target | null {
  if (method === "CONNECT") return parseTarget(target);
  const [, authority] = /^http:\/\/(?:[^@/?]*@)?([^/?]+)/i.exec(target) ?? [];
  return authority === undefined ? null : parseTarget(authority, 80);
}

async function established(client: Duplex): Promise<void> {
  await client.write(formatResponse(200, "Connection established", []));
}

/** Fields between a client and its proxy, of no concern to the target (RFC 9110 §7.6.1). */
const HOP_BY_HOP = new Set(["connection", "proxy-connection", "proxy-authorization", "keep-alive"]);

/** The request as the target wants it. One to a connection: the next may be for somebody else. */
async function pass({ method, target, headers }: RequestHead, end: End): Promise<void> {
  const path = /^http:\/\/[^/?]+(.*)$/i.exec(target)![1]!;
  const fields = [...headers].filter(([name]) => !HOP_BY_HOP.has(name));
  const head = formatRequest(method, path.startsWith("/") ? path : `/${path}`, [
    ...fields,
    ["Connection", "close"],
  ]);
  if (end.framing === "stream") await end.write(head);
}

function statusFor(error: CoaxError): number {
  if (error instanceof ForbiddenError) return 403;
  return isLate(error) ? 504 : 502;
}

/** Whether nothing came in time: from the target, or from a proxy on the way to it. */
function isLate(error: CoaxError): boolean {
  return error instanceof TimeoutError || error.cause instanceof TimeoutError;
}

/**
 * Serves one client up to the point where both ends only need to be spliced, and yields them.
 * Rejects after the client has been told.
 */
export async function proxyFor(
  server: ProxyServer,
  from: End,
  connect: (target: Target) => Promise<End>,
  handshakeTimeout: number,
): Promise<[client: End, target: End]> {
  if (from.framing !== "stream") {
    throw new UsageError(`"${from.peer}"`, "a proxy's clients need a stream of bytes");
  }
  const request = await within(
    server.accept(from),
    handshakeTimeout,
    () => new TimeoutError("handshake", from.peer, `no request for ${handshakeTimeout / 1000} s`),
  );
  let end: End;
  try {
    end = await connect(request.target);
  } catch (error) {
    await request.refuse(error as CoaxError);
    throw error;
  }
  await request.succeed(end);
  return [request.client, end];
}

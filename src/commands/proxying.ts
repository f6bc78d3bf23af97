/** A relay as a proxy server: TO is wherever the client asks to go, if that is allowed. */
import type { Address } from "../address.ts";
import type { Duplex, End } from "../core/duplex.ts";
import {
  BrokenError,
  CoaxError,
  ForbiddenError,
  ResolveError,
  TimeoutError,
  UnavailableError,
  UsageError,
} from "../core/errors.ts";
import { within } from "../core/time.ts";
import { respond } from "../http/answer.ts";
import { contentOf } from "../http/framing.ts";
import {
  formatResponse,
  HeadError,
  parseRequest,
  readHead,
  type RequestHead,
} from "../http/head.ts";
import { exchange } from "../proxy/http_exchange.ts";
import { authorityOf, maxForwards, requestFor, withheldTrailers } from "../proxy/http_forward.ts";
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
    handshake: true,
    open: (from, connect, log, established) => {
      const reach = async ({ host, port }: Target) =>
        await connect(tcpAddress({ host, port }), log, (ip) => allow(host, ip, port)) as Duplex;
      return proxyFor(KINDS[kind](), from, reach, { ...options, established });
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
  /** Says that the target is connected, on the way that the client expects; yields what to splice. */
  succeed(target: Duplex): Promise<[client: Duplex, target: Duplex]>;
  /** Says why it is not. */
  refuse(error: CoaxError): Promise<void>;
}

export const socks5Server: ProxyServer = {
  async accept(client) {
    const target = await socks5Accept(client);
    return {
      target,
      async succeed(end) {
        await socks5Reply(client, REPLY.succeeded);
        return [client, end];
      },
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
    const { raw, head, target, content } = await httpRequest(client);
    const rest = preamble(client, raw.rest);
    return {
      target,
      async succeed(end) {
        if (head.method !== "CONNECT") {
          await end.write(requestFor(raw.text, head));
          return exchange(rest, end, head, content);
        }
        await client.write(formatResponse(200, "Connection established", []));
        return [rest, end];
      },
      refuse: (error) =>
        respond(client, head.method, { status: statusFor(error), body: `${error.message}\n` }),
    };
  },
};

/** What a client asks an HTTP proxy for. Rejects after it has been told what is wrong with it. */
async function httpRequest(client: Duplex) {
  try {
    const raw = await readHead(client);
    if (!raw) throw new BrokenError("proxy", client.peer, "it ended before a request");
    const head = parseRequest(raw.text);
    const content = contentOf(head, withheldTrailers(head.headers));
    if (maxForwards(head) === 0) throw await answerInstead(client, head);
    return { raw, head, target: targetOf(head), content };
  } catch (error) {
    if (!(error instanceof HeadError)) throw error;
    const { status, message } = error;
    await respond(client, "", { status, body: `${message}\n` });
    throw new BrokenError("proxy", client.peer, `HTTP: ${message}`, { cause: error });
  }
}

/** A quiet end: a request that goes no further has been answered. */
class AnsweredError extends CoaxError {
  readonly status = 0;
}

/** As the last that gets a request (RFC 9110 §9.3.7, §9.3.8): we can do little, and show nothing. */
async function answerInstead(client: Duplex, { method }: RequestHead): Promise<AnsweredError> {
  const status = method === "OPTIONS" ? 200 : 405;
  await respond(client, method, { status, headers: [["Allow", "OPTIONS"]] });
  return new AnsweredError("proxy", client.peer, `answered ${method} with ${status}`);
}

function targetOf(head: RequestHead): Target {
  const authority = authorityOf(head);
  const target = head.method === "CONNECT"
    ? parseTarget(head.target)
    : authority === undefined
    ? null
    : parseTarget(authority, 80);
  if (target) return target;
  throw new HeadError(400, "expected CONNECT host:port, or a URL that begins with http://");
}

function statusFor(error: CoaxError): number {
  if (error instanceof ForbiddenError) return 403;
  return isLate(error) ? 504 : 502;
}

/** Whether nothing came in time: from the target, or from a proxy on the way to it. */
function isLate(error: CoaxError): boolean {
  return error instanceof TimeoutError || error.cause instanceof TimeoutError;
}

interface ProxyingOptions {
  /** For the client's request, milliseconds. */
  readonly handshakeTimeout: number;
  /** Is called when the request is there. */
  readonly established?: () => void;
}

/**
 * Serves one client up to the point where both ends only need to be spliced, and yields them.
 * Rejects after the client has been told.
 */
export async function proxyFor(
  server: ProxyServer,
  from: End,
  connect: (target: Target) => Promise<Duplex>,
  { handshakeTimeout, established }: ProxyingOptions,
): Promise<[client: Duplex, target: Duplex]> {
  if (from.framing !== "stream") {
    throw new UsageError(`"${from.peer}"`, "a proxy's clients need a stream of bytes");
  }
  const request = await within(
    server.accept(from),
    handshakeTimeout,
    () => new TimeoutError("handshake", from.peer, `no request for ${handshakeTimeout / 1000} s`),
  );
  established?.();
  const end = await connect(request.target).catch(async (error: CoaxError) => {
    await request.refuse(error);
    throw error;
  });
  return await request.succeed(end).catch((error: Error) => {
    end.close(error);
    throw error;
  });
}

/** A relay as a proxy server: each client requests its target, within `--allow-target`. */
import { type Address, formatAuthority } from "../address/address.ts";
import type { Connection, Duplex } from "../core/duplex.ts";
import {
  type CoaxError,
  ForbiddenError,
  ResolveError,
  TimeoutError,
  UnavailableError,
  UsageError,
} from "../core/errors.ts";
import { withTimeout } from "../core/time.ts";
import { REPLY, socks5Accept, socks5Reply } from "../proxy/socks5.ts";
import { type Allow, allowTargets } from "../proxy/allow.ts";
import type { RequestedTarget } from "../proxy/target.ts";
import type { ProxyKind } from "../proxy/kind.ts";
import type { Destination, DestinationOptions } from "./destination.ts";
import { httpProxyServer } from "./http_proxy_server.ts";
import { isLate, type ProxyServer } from "./proxy_server.ts";

const SERVERS: Record<ProxyKind, () => ProxyServer> = {
  "socks5:": () => socks5Server,
  "http-proxy:": () => httpProxyServer,
};

/** The destination of a proxy server of that kind. Throws a `UsageError` for a bad list. */
export function proxyDestination(kind: ProxyKind, options: DestinationOptions): Destination {
  const { allowTarget, handshakeTimeout } = options;
  const allow = allowed(allowTarget);
  return {
    addresses: [],
    handshake: true,
    open: (client, connect, log, established) => {
      const reach = async ({ host, port }: RequestedTarget) =>
        await connect(tcpAddress({ host, port }), log, (ip) => allow(host, ip, port)) as Duplex;
      return proxyFor(SERVERS[kind](), client, reach, { handshakeTimeout, established });
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

function tcpAddress(target: RequestedTarget): Address {
  return { scheme: "tcp", ...target, text: formatAuthority(target) };
}

const socks5Server: ProxyServer = {
  async accept(client) {
    const target = await socks5Accept(client);
    return {
      target,
      async succeed(connection) {
        await socks5Reply(client, REPLY.succeeded);
        return [client, connection];
      },
      refuse: (error) => socks5Reply(client, socks5ReplyFor(error)),
    };
  },
};

/** The reply that comes nearest to an error (RFC 1928 §6). */
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

interface ProxyingOptions {
  /** Time for the client's request, milliseconds. */
  readonly handshakeTimeout: number;
  /** Called once the request has been read. */
  readonly established?: () => void;
}

/**
 * Reads one client's request, connects to its target, and resolves with both connections. Rejects
 * after the client has been sent a refusal.
 */
async function proxyFor(
  server: ProxyServer,
  client: Connection,
  connect: (target: RequestedTarget) => Promise<Duplex>,
  { handshakeTimeout, established }: ProxyingOptions,
): Promise<[client: Duplex, target: Duplex]> {
  if (client.framing !== "stream") {
    throw new UsageError(`"${client.peer}"`, "a proxy's clients need a stream of bytes");
  }
  const request = await withTimeout(
    server.accept(client),
    handshakeTimeout,
    () => new TimeoutError("handshake", client.peer, `no request for ${handshakeTimeout / 1000} s`),
  );
  established?.();
  const connection = await connect(request.target).catch(async (error: CoaxError) => {
    await request.refuse(error);
    throw error;
  });
  return await request.succeed(connection).catch((error: Error) => {
    connection.close(error);
    throw error;
  });
}

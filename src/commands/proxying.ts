/** A relay as a proxy server: TO is wherever the client asks to go, if that is allowed. */
import type { Duplex, End } from "../core/duplex.ts";
import {
  type CoaxError,
  RefusedError,
  ResolveError,
  TimeoutError,
  UnavailableError,
  UsageError,
} from "../core/errors.ts";
import { within } from "../core/time.ts";
import { REPLY, socks5Accept, socks5Reply } from "../proxy/socks5.ts";
import { formatTarget, type Target } from "../proxy/target.ts";

/** What a kind of proxy needs to know to serve one client. */
export interface ProxyServer {
  /** Takes the client's request. */
  accept(client: Duplex): Promise<Request>;
}

/** A client's wish, and how it is answered. */
export interface Request {
  readonly target: Target;
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
      succeed: () => socks5Reply(client, REPLY.succeeded),
      refuse: (error) => socks5Reply(client, socks5ReplyFor(error)),
    };
  },
};

/** The reply that fits best (RFC 1928 §6). */
function socks5ReplyFor(error: CoaxError): number {
  if (error instanceof RefusedError) return REPLY.notAllowed;
  if (error instanceof ResolveError || error instanceof TimeoutError) return REPLY.hostUnreachable;
  if (error instanceof UnavailableError) {
    const { code } = (error.cause ?? {}) as { code?: string };
    if (code === "ECONNREFUSED") return REPLY.refused;
    if (code === "ENETUNREACH") return REPLY.networkUnreachable;
    if (code === "EHOSTUNREACH") return REPLY.hostUnreachable;
  }
  return REPLY.failure;
}

/**
 * Serves one client up to the point where both ends only need to be spliced: yields the target's
 * end. Rejects after the client has been told.
 */
export async function proxyFor(
  server: ProxyServer,
  from: End,
  connect: (target: Target) => Promise<End>,
  handshakeTimeout: number,
): Promise<End> {
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
    await from.closeWrite();
    throw error;
  }
  await request.succeed(end);
  return end;
}

/** The refusal of a target that `--allow-target` doesn't let through. */
export function notAllowed(target: Target): RefusedError {
  return new RefusedError("proxy", formatTarget(target), "not an allowed target");
}

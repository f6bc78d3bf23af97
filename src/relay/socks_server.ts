/** The proxy server that `socks5:` means, for clients of SOCKS 5, 4 and 4A. */
import {
  BrokenError,
  type CoaxError,
  ForbiddenError,
  RefusedError,
  ResolveError,
  UnavailableError,
} from "../core/errors.ts";
import type { Duplex } from "../core/duplex.ts";
import { takeFirst } from "../core/take.ts";
import type { LoginJudge } from "../proxy/client_login.ts";
import { socks4Accept, socks4Reply } from "../proxy/socks4_server.ts";
import { REPLY, socks5Accept, socks5Reply } from "../proxy/socks5.ts";
import { preamble } from "../wrap/local.ts";
import {
  type AssociationRequest,
  isLate,
  type ProxyRequest,
  type ProxyServer,
} from "./proxy_server.ts";

/** The first byte of a client of SOCKS 4. */
const VERSION_4 = 4;

export const socksServer: ProxyServer = {
  async accept(client, logins) {
    const first = await takeFirst(client, "proxy");
    const whole = preamble(client, first);
    return first[0] === VERSION_4
      ? await accept4(client, whole, logins)
      : await accept5(client, whole, logins);
  },
};

async function accept5(
  client: Duplex,
  whole: Duplex,
  logins: LoginJudge | undefined,
): Promise<ProxyRequest | AssociationRequest> {
  const { command, address } = await socks5Accept(whole, logins);
  if (command === "associate") {
    return {
      from: address,
      accept: (bound) => socks5Reply(client, REPLY.succeeded, bound),
      refuse: (error) => socks5Reply(client, associationReplyFor(error)),
    };
  }
  return {
    target: address,
    async succeed(connection) {
      await socks5Reply(client, REPLY.succeeded);
      return [client, connection];
    },
    refuse: (error) => socks5Reply(client, socks5ReplyFor(error)),
  };
}

/** SOCKS 4 has users without passwords, so it can't log in. */
async function accept4(
  client: Duplex,
  whole: Duplex,
  logins: LoginJudge | undefined,
): Promise<ProxyRequest> {
  const target = await socks4Accept(whole);
  if (logins) {
    await socks4Reply(client, false);
    throw new BrokenError("proxy", client.peer, "SOCKS4: it has no way to log in (--auth)");
  }
  return {
    target,
    async succeed(connection) {
      await socks4Reply(client, true);
      return [client, connection];
    },
    refuse: () => socks4Reply(client, false),
  };
}

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

function associationReplyFor(error: CoaxError): number {
  return error instanceof RefusedError ? REPLY.commandNotSupported : REPLY.failure;
}

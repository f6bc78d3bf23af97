/** A relay as a proxy server: each client requests its target, within `--allow-target`. */
import { type Address, formatAuthority } from "../address/address.ts";
import type { Connection, Duplex } from "../core/duplex.ts";
import { type CoaxError, TimeoutError, UsageError } from "../core/errors.ts";
import { withTimeout } from "../core/time.ts";
import { type Allow, allowTargets } from "../proxy/allow.ts";
import type { LoginJudge } from "../proxy/client_login.ts";
import { clientLoginOf } from "../options/secret.ts";
import type { RequestedTarget } from "../proxy/target.ts";
import type { ProxyKind } from "../proxy/kind.ts";
import { ClientLogins } from "./client_logins.ts";
import type { Destination, DestinationOptions } from "./destination.ts";
import { associationFor } from "./association/mod.ts";
import { httpProxyServer } from "./http_proxy_server.ts";
import type { AssociationRequest, ProxyServer } from "./proxy_server.ts";
import { socksServer } from "./socks_server.ts";

const SERVERS: Record<ProxyKind, () => ProxyServer> = {
  "socks5:": () => socksServer,
  "http-proxy:": () => httpProxyServer,
};

/**
 * The destination of a proxy server of that kind. Rejects with a `UsageError` for a bad list or
 * login.
 */
export async function proxyDestination(
  kind: ProxyKind,
  options: DestinationOptions,
): Promise<Destination> {
  const { allowTarget, auth, handshakeTimeout } = options;
  const allow = allowed(allowTarget);
  const logins = auth === undefined ? undefined : new ClientLogins(await clientLoginOf(auth));
  return {
    addresses: [],
    handshake: true,
    open: (client, connect, visit) => {
      const { log, established } = visit;
      const reach = async ({ host, port }: RequestedTarget) =>
        await connect(tcpAddress({ host, port }), log, (ip) => allow(host, ip, port)) as Duplex;
      const associate = (control: Duplex, request: AssociationRequest) =>
        associationFor(control, request, visit, { allow, options });
      return proxyFor(SERVERS[kind](), client, { connect: reach, associate }, {
        handshakeTimeout,
        established,
        logins,
      });
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

interface ProxyingOptions {
  /** Time for the client's request, milliseconds. */
  readonly handshakeTimeout: number;
  /** Called once the request has been read. */
  readonly established?: () => void;
  /** Judges what the client has to log in with. */
  readonly logins: LoginJudge | undefined;
}

/** What a client can ask for. */
interface Acts {
  readonly connect: (target: RequestedTarget) => Promise<Duplex>;
  readonly associate: (
    control: Duplex,
    request: AssociationRequest,
  ) => Promise<[client: Connection, target: Connection]>;
}

/**
 * Reads one client's request, connects to its target, and resolves with both connections. Rejects
 * after the client has been sent a refusal.
 */
async function proxyFor(
  server: ProxyServer,
  client: Connection,
  { connect, associate }: Acts,
  { handshakeTimeout, established, logins }: ProxyingOptions,
): Promise<[client: Connection, target: Connection]> {
  if (client.framing !== "stream") {
    throw new UsageError(`"${client.peer}"`, "a proxy's clients need a stream of bytes");
  }
  const request = await withTimeout(
    server.accept(client, logins),
    handshakeTimeout,
    () => new TimeoutError("handshake", client.peer, `no request for ${handshakeTimeout / 1000} s`),
  );
  established?.();
  if (!("target" in request)) return await associate(client, request);
  const connection = await connect(request.target).catch(async (error: CoaxError) => {
    await request.refuse(error);
    throw error;
  });
  return await request.succeed(connection).catch((error: Error) => {
    connection.close(error);
    throw error;
  });
}

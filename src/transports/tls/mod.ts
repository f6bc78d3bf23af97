/**
 * TLS on TCP. Connecting verifies before the first byte is sent; listening shakes hands after
 * accepting, so that no slow peer holds up the next one.
 */
import { type Address, ANY } from "../../address/address.ts";
import { LOOPBACK, parseLiteral } from "../../address/ip.ts";
import type { Duplex } from "../../core/duplex.ts";
import { AddressError, UsageError } from "../../core/errors.ts";
import type { Listener } from "../../core/listener.ts";
import type { DialOptions, ListenOptions, TlsDialOptions } from "../options.ts";
import { type Bindable, bindAll } from "../bind.ts";
import { connectTcp } from "../connect.ts";
import { hangUp } from "../held.ts";
import { remoteOf } from "../peer.ts";
import { StreamListener } from "../tcp.ts";
import { type Client, shakeHands, startClient } from "./handshake.ts";
import { connectPinned } from "./pin.ts";
import { LingeringTlsSocket, TlsSocket } from "./socket.ts";

type TlsAddress = Extract<Address, { host: string }>;

/**
 * Connects to a TLS address.
 *
 * Rejects with a `TlsError` that says which check failed, a `TimeoutError`, or as `dialTcp` does.
 */
export async function dialTls(address: TlsAddress, options: DialOptions): Promise<Duplex> {
  const { tls = {}, log, connectTimeout: timeout } = options;
  const { pin, insecure, ca: caCerts = [] } = tls;
  const client = clientFor(address, tls);
  const peer = address.text;
  if (pin) {
    const again = () => connectTcp(address, options);
    const pinned = { client, pin, caCerts, peer, timeout, log };
    const conn = await connectPinned(again, pinned);
    return new TlsSocket(conn, remoteOf(conn) ?? peer);
  }
  const tcp = await connectTcp(address, options);
  const trust = insecure ? "anything" : { caCerts };
  const conn = await startClient(tcp, client, trust, { peer, timeout, log });
  const Kind = insecure || (tls.clientCert && tls.serverName) ? LingeringTlsSocket : TlsSocket;
  return new Kind(conn, remoteOf(conn) ?? peer);
}

function clientFor(
  { host }: TlsAddress,
  { serverName, alpn, clientCert }: TlsDialOptions,
): Client {
  return { hostname: serverName ?? nameOf(host), alpn, clientCert };
}

/** A host as certificates and SNI name it (RFC 6066 §3): no zone, no dot at the end. */
function nameOf(host: string): string {
  if (host === ANY || host === LOOPBACK) return "localhost";
  if (parseLiteral(host)) return host.replace(/%.*$/, "");
  return host.replace(/\.$/, "");
}

/** Listens for TLS on every address that `address` names, with one port. */
export async function listenTls(
  address: Bindable,
  options: ListenOptions,
): Promise<Listener[]> {
  const { tls, handshakeTimeout: timeout } = options;
  if (!tls?.identity) {
    throw new AddressError(address.text, "needs --cert FILE --key FILE, or --self-signed");
  }
  if (options.proxyProtocol) {
    throw new UsageError(
      "--proxy-protocol in",
      `can't be read before the TLS of "${address.text}"`,
    );
  }
  const { identity, alpn } = tls;
  const bound = await bindAll(address, options, {
    name: "TCP",
    bind: (where) => bindTls({ ...where, ...identity, alpnProtocols: alpn && [...alpn] }),
  });
  return bound.map(({ socket, addresses }) =>
    new StreamListener<Deno.TlsConn>(socket, addresses, {
      handshake: true,
      refuse: hangUp,
      async open(conn, peer, signal, log) {
        await shakeHands(conn, conn, { peer, accepted: true, timeout, signal, log });
        return new TlsSocket(conn, peer);
      },
    })
  );
}

/** What isn't the system's complaint is about the certificate or the key. */
function bindTls(options: Deno.ListenTlsOptions & Deno.TlsCertifiedKeyPem): Deno.TlsListener {
  try {
    return Deno.listenTls(options);
  } catch (error) {
    if ((error as { code?: string }).code) throw error;
    throw new UsageError("--cert and --key", "the runtime's TLS can't use this pair", {
      cause: error,
    });
  }
}

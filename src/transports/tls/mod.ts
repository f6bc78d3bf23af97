/**
 * TLS over TCP. A client verifies the server before it sends the first byte. A listener does the
 * handshake after accepting, so a slow peer doesn't delay the next one.
 */
import { type Address, ANY, formatHostPort } from "../../address/address.ts";
import { LOOPBACK, parseLiteral } from "../../address/ip.ts";
import type { Duplex } from "../../core/duplex.ts";
import { AddressError, UsageError } from "../../core/errors.ts";
import type { Listener } from "../../core/listener.ts";
import type { DialOptions, Identity, ListenOptions, TlsDialOptions } from "../options.ts";
import { BACKLOG, type Bindable, bindAll } from "../bind.ts";
import { connectTcp } from "../connect.ts";
import { abortHandshake } from "../held.ts";
import { localOf, remoteOf } from "../peer.ts";
import { StreamListener, TCP } from "../tcp.ts";
import { type ClientConfig, doHandshake, type HandshakeOptions, startClient } from "./handshake.ts";
import { examined, LOOK } from "./examine.ts";
import { connectPinned } from "./pin.ts";
import { Socket } from "../socket.ts";
import { NoHalfCloseTlsSocket, TlsSocket } from "./socket.ts";
import type { StartTlsProtocol } from "./starttls_protocols.ts";

type TlsAddress = Extract<Address, { host: string }>;

/**
 * Connects to a TLS address.
 *
 * Rejects with a `TlsError` that names the failed check, with a `TimeoutError`, or as `dialTcp`
 * does.
 */
export async function dialTls(address: TlsAddress, options: DialOptions): Promise<Duplex> {
  const { tls = {}, log, connectTimeout: timeout, bind, signal } = options;
  // A probe takes any port: its own can't be used again at once.
  const probing = { ...options, bind: bind && { ...bind, port: 0 } };
  const connect = async (probes = false) => {
    const conn = await connectTcp(address, probes ? probing : options);
    if (tls.starttls) await askForTls(conn, tls.starttls, address, options);
    return conn;
  };
  const dialling = { client: clientFor(address, tls), peer: address.text, timeout, log };
  try {
    return await dialWith(connect, dialling, tls);
  } catch (error) {
    if (tls.starttls) throw error;
    const look = () => connectTcp(address, { ...probing, connectTimeout: LOOK });
    throw await examined(error, look, { ...dialling, signal, plain: withoutTls(address) });
  }
}

/** Speaks `protocol` up to TLS. Closes `conn` and rejects where the server doesn't go along. */
async function askForTls(
  conn: Deno.TcpConn,
  protocol: StartTlsProtocol,
  address: TlsAddress,
  { log, connectTimeout: timeout }: DialOptions,
): Promise<void> {
  const { startTlsIn } = await import("./starttls.ts");
  const { text: peer } = address;
  const stream = new Socket(conn, peer);
  try {
    await startTlsIn(stream, { protocol, host: nameOf(address.host), peer, timeout, log });
  } catch (error) {
    stream.close();
    throw error;
  }
}

type Dialling = HandshakeOptions & { readonly client: ClientConfig };

async function dialWith(
  connect: (probes?: boolean) => Promise<Deno.TcpConn>,
  dialling: Dialling,
  { pin, insecure, ca: caCerts = [], clientCert, serverName }: TlsDialOptions,
): Promise<TlsSocket> {
  const { client, peer } = dialling;
  if (pin) {
    const conn = await connectPinned(connect, { ...dialling, pin, caCerts });
    return new TlsSocket(conn, remoteOf(conn) ?? peer, () => localOf(conn));
  }
  const trust = insecure ? "anything" : { caCerts };
  const conn = await startClient(await connect(), client, trust, dialling);
  const SocketClass = insecure || (clientCert && serverName) ? NoHalfCloseTlsSocket : TlsSocket;
  return new SocketClass(conn, remoteOf(conn) ?? peer, () => localOf(conn));
}

/** The address of the same peer without TLS, for messages. */
function withoutTls(address: TlsAddress): string {
  const { host, port } = address;
  if (address.scheme === "wss") return formatHostPort("ws", host, port, address.path);
  return formatHostPort("tcp", host, port);
}

function clientFor(
  { host }: TlsAddress,
  { serverName, alpn, clientCert }: TlsDialOptions,
): ClientConfig {
  return { hostname: serverName ?? nameOf(host), alpn, clientCert };
}

/** The host as SNI and certificates have it (RFC 6066 §3): no zone, no trailing dot. */
function nameOf(host: string): string {
  if (host === ANY || host === LOOPBACK) return "localhost";
  if (parseLiteral(host)) return host.replace(/%.*$/, "");
  return host.replace(/\.$/, "");
}

/**
 * Listens for TLS on every address that `address` names, with one port.
 *
 * Rejects with a `UsageError` without a usable certificate, or as `listenTcp` does.
 */
export async function listenTls(
  address: Bindable,
  options: ListenOptions,
): Promise<Listener[]> {
  const { tls } = options;
  if (!tls?.identity) {
    throw new AddressError(address.text, "needs --cert FILE --key FILE, or --self-signed");
  }
  if (options.proxyProtocol) {
    throw new UsageError(
      "--proxy-protocol in",
      `can't be read before the TLS of "${address.text}"`,
    );
  }
  return await (tls.clientCa ? listenMutual : listenPlain)(address, options, tls.identity);
}

/** Listens with the runtime's TLS, which asks clients for no certificate. */
async function listenPlain(
  address: Bindable,
  options: ListenOptions,
  identity: Identity,
): Promise<Listener[]> {
  const alpn = options.tls?.alpn;
  const bound = await bindAll(address, options, {
    name: "TCP",
    bind: (bindOptions) =>
      bindTls({ ...bindOptions, ...identity, alpnProtocols: alpn && [...alpn] }),
  });
  return bound.map(({ socket, addresses }) =>
    new StreamListener<Deno.TlsConn>(socket, addresses, options.log, {
      handshake: true,
      refuse: abortHandshake,
      open: (conn, peer, signal, log) =>
        openAccepted(conn, conn, { peer, timeout: options.handshakeTimeout, signal, log }),
    })
  );
}

/** Listens for clients that show a certificate. */
async function listenMutual(
  address: Bindable,
  options: ListenOptions,
  identity: Identity,
): Promise<Listener[]> {
  const { startMutualTls } = await import("./mutual.ts");
  const { clientCa = [], alpn } = options.tls!;
  const bound = await bindAll(address, options, TCP);
  return bound.map(({ socket, addresses }) =>
    new StreamListener<Deno.TcpConn>(socket, addresses, options.log, {
      handshake: true,
      open: (tcp, peer, signal, log) => {
        const conn = startMutualTls(tcp, peer, { identity, clientCa, alpn });
        return openAccepted(conn, tcp, { peer, timeout: options.handshakeTimeout, signal, log });
      },
    })
  );
}

/** Does the handshake with a client. `socket` is the connection under TLS. */
async function openAccepted(
  conn: Deno.TlsConn,
  socket: Deno.Conn,
  options: Omit<HandshakeOptions, "accepted">,
): Promise<Duplex> {
  await doHandshake(conn, socket, { ...options, accepted: true });
  return new TlsSocket(conn, options.peer);
}

/** Binds; an error without a code is about the certificate or the key. */
function bindTls(options: Deno.ListenTlsOptions & Deno.TlsCertifiedKeyPem): Deno.TlsListener {
  try {
    return Deno.listenTls({ ...options, tcpBacklog: BACKLOG });
  } catch (error) {
    if ((error as { code?: string }).code) throw error;
    throw new UsageError("--cert and --key", "the runtime's TLS can't use this pair", {
      cause: error,
    });
  }
}

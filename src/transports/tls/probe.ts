/**
 * Gets a TLS server's certificate without finishing the handshake: a server that serves one client
 * would take the probe for it. In TLS 1.3 a client has the certificate before its last flight,
 * which is held back here, so the server sees an abandoned handshake. In TLS 1.2 the runtime yields
 * the certificate only after the handshake has finished.
 */
import { TlsError } from "../../core/errors.ts";
import { silent } from "../../core/log.ts";
import { type Certificate, certificateOf } from "./certificate.ts";
import { type ClientConfig, type HandshakeOptions, startClient } from "./handshake.ts";

/** Type of encrypted records in TLS 1.3 (RFC 8446 §5.1). */
const APPLICATION_DATA = 23;
/** Bytes of type, version and length before each record's content (RFC 8446 §5.1). */
const HEADER_SIZE = 5;

interface ProbeOptions extends HandshakeOptions {
  readonly client: ClientConfig;
  /** Gets what the server sends. */
  onReceived?(bytes: Uint8Array): void;
}

/** The certificate of the server that `tcp` is connected to; `tcp` is closed. */
export async function probe(
  tcp: Deno.TcpConn,
  options: ProbeOptions,
): Promise<Certificate> {
  options.log.debug("probe", `ask ${options.peer} for its certificate`, { address: options.peer });
  const [client, accepted] = await socketPair();
  const relaying = [relayHandshake(accepted, tcp), relay(tcp, accepted, options.onReceived)];
  try {
    const conn = await startClient(client, options.client, "anything", { ...options, log: silent });
    const certificate = await certificateOf(conn);
    conn.close();
    if (certificate) return certificate;
    throw new TlsError("handshake", options.peer, "this version of Deno doesn't tell certificates");
  } finally {
    closeAll(accepted, tcp);
    await Promise.all(relaying);
  }
}

/** A connection inside this process, on TCP: the runtime does TLS on TCP sockets only. */
async function socketPair(): Promise<[Deno.TcpConn, Deno.TcpConn]> {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const client = await Deno.connect({ hostname: "127.0.0.1", port: listener.addr.port });
  for (;;) {
    const accepted = await listener.accept();
    if (accepted.remoteAddr.port === client.localAddr.port) return [client, accepted];
    accepted.close(); // Another process has connected to the port.
  }
}

/** Relays the client's records, up to its first encrypted one. */
async function relayHandshake(source: Deno.Conn, sink: Deno.Conn): Promise<void> {
  try {
    const header = new Uint8Array(HEADER_SIZE);
    while (await readFully(source, header) && header[0] !== APPLICATION_DATA) {
      const body = new Uint8Array(header[3]! << 8 | header[4]!);
      if (!await readFully(source, body)) return;
      await writeFully(sink, header);
      await writeFully(sink, body);
    }
  } catch {
    // A connection broke, and the handshake fails with that.
  }
}

async function relay(
  source: Deno.Conn,
  sink: Deno.Conn,
  onReceived?: (bytes: Uint8Array) => void,
): Promise<void> {
  try {
    const buffer = new Uint8Array(16 * 1024);
    for (let n = await source.read(buffer); n !== null; n = await source.read(buffer)) {
      onReceived?.(buffer.subarray(0, n));
      await writeFully(sink, buffer.subarray(0, n));
    }
    await sink.closeWrite();
  } catch {
    // A connection broke, and the handshake fails with that.
  }
}

async function readFully(conn: Deno.Conn, bytes: Uint8Array): Promise<boolean> {
  for (let at = 0; at < bytes.length;) {
    const count = await conn.read(bytes.subarray(at));
    if (count === null) return false;
    at += count;
  }
  return true;
}

async function writeFully(conn: Deno.Conn, bytes: Uint8Array): Promise<void> {
  for (let rest = bytes; rest.length > 0;) rest = rest.subarray(await conn.write(rest));
}

function closeAll(...conns: Deno.Conn[]): void {
  for (const conn of conns) conn.close();
}

/**
 * Asks a TLS server for its certificate without becoming its connection: a server that serves the
 * first one whose handshake is through would take the probe for it. With TLS 1.3 a client knows the
 * certificate before its last flight; that flight is held back here, so what the server sees is a
 * handshake that was given up. (With TLS 1.2 the certificate comes out only when both are done.)
 */
import { TlsError } from "../../core/errors.ts";
import { silent } from "../../core/log.ts";
import { type Certificate, certificateOf } from "./certificate.ts";
import { type Client, type HandshakeOptions, startClient } from "./handshake.ts";

/** Record type of everything that is encrypted in TLS 1.3 (RFC 8446 §5.1). */
const APPLICATION_DATA = 23;
/** Record type, version and length come before each record (RFC 8446 §5.1). */
const HEADER_SIZE = 5;

/** The certificate of the server at the other end of `tcp`, which is closed. */
export async function probe(
  tcp: Deno.TcpConn,
  options: HandshakeOptions & { readonly client: Client },
): Promise<Certificate> {
  options.log.debug("probe", `ask ${options.peer} for its certificate`, { address: options.peer });
  const [near, far] = await socketPair();
  const relays = [carryHandshake(far, tcp), carry(tcp, far)];
  try {
    const conn = await startClient(near, options.client, "anything", { ...options, log: silent });
    const certificate = await certificateOf(conn);
    conn.close();
    if (certificate) return certificate;
    throw new TlsError("handshake", options.peer, "this version of Deno doesn't tell certificates");
  } finally {
    closeAll(far, tcp);
    await Promise.all(relays);
  }
}

/** Two ends of one connection inside this process: the runtime does TLS on TCP sockets only. */
async function socketPair(): Promise<[Deno.TcpConn, Deno.TcpConn]> {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const near = await Deno.connect({ hostname: "127.0.0.1", port: listener.addr.port });
  for (;;) {
    const far = await listener.accept();
    if (far.remoteAddr.port === near.localAddr.port) return [near, far];
    far.close(); // Someone else on this machine has found the port.
  }
}

/** Carries what the client sends, up to its first encrypted record. */
async function carryHandshake(source: Deno.Conn, sink: Deno.Conn): Promise<void> {
  try {
    const header = new Uint8Array(HEADER_SIZE);
    while (await readFully(source, header) && header[0] !== APPLICATION_DATA) {
      const body = new Uint8Array(header[3]! << 8 | header[4]!);
      if (!await readFully(source, body)) return;
      await writeFully(sink, header);
      await writeFully(sink, body);
    }
  } catch {
    // One side has gone: the handshake says so.
  }
}

async function carry(source: Deno.Conn, sink: Deno.Conn): Promise<void> {
  try {
    const buffer = new Uint8Array(16 * 1024);
    for (let n = await source.read(buffer); n !== null; n = await source.read(buffer)) {
      await writeFully(sink, buffer.subarray(0, n));
    }
    await sink.closeWrite();
  } catch {
    // One side has gone: the handshake says so.
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

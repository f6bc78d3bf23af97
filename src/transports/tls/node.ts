/**
 * Handshakes through `node:tls` that `Deno.startTls` can't do: without verification, or with a
 * client certificate. The Node socket wraps a `Deno.TlsConn`, which is taken out: unlike the Node
 * socket, it half-closes and reports a connection that ends without close_notify.
 */
import { TlsError } from "../../core/errors.ts";
import type { Identity } from "../options.ts";

interface NodeTlsOptions {
  /** The name for SNI, and for the check of the certificate. */
  readonly hostname: string;
  readonly caCerts: readonly string[];
  readonly alpn?: readonly string[];
  readonly clientCert?: Identity;
  /** If false, nothing is checked, not even that the peer holds the certificate's key. */
  readonly verify: boolean;
  /** Whether the certificate may be for another name. */
  readonly anyName?: boolean;
}

/** The part of a Node socket's handle that is used here. */
interface Handle {
  /** If set, the Node socket doesn't start to read the connection. */
  pauseOnCreate?: boolean;
  /** Starts TLS on the connection in the field of `fieldOf`, and replaces it by the new one. */
  afterConnectTls?(): Promise<void>;
  [field: symbol]: unknown;
}

/**
 * Starts TLS on `conn`, which is consumed; the handshake goes on in the background.
 *
 * Rejects with a `TypeError` for an invalid name, or as the system does.
 */
export async function startNodeTls(
  conn: Deno.Conn,
  options: NodeTlsOptions,
): Promise<Deno.TlsConn> {
  const { createSecureContext, TLSSocket } = await import("node:tls");
  const settings = {
    servername: options.hostname,
    rejectUnauthorized: options.verify,
    checkServerIdentity: options.anyName ? () => undefined : undefined,
    ALPNProtocols: options.alpn && [...options.alpn],
    secureContext: createSecureContext({ ca: [...options.caCerts], ...options.clientCert }),
  };
  // The types require a socket to wrap; without one, the handle takes our connection.
  const socket = Reflect.construct(TLSSocket, [undefined, settings]) as { _handle?: Handle };
  const handle = socket._handle;
  const field = handle && fieldOf(handle);
  if (!handle?.afterConnectTls || !field) {
    throw new TlsError("handshake", options.hostname, "this version of Deno can't do it");
  }
  handle.pauseOnCreate = true;
  handle[field] = conn;
  await handle.afterConnectTls();
  if (handle[field] === conn) throw startFailure(conn, options.hostname);
  return handle[field] as Deno.TlsConn;
}

/**
 * Finds out why TLS didn't start, which the handle doesn't report. After an invalid name `conn` can
 * still be closed; after a reset it has been consumed.
 */
function startFailure(conn: Deno.Conn, hostname: string): Error {
  try {
    conn.close();
  } catch {
    return new Deno.errors.ConnectionReset();
  }
  return new TypeError(`Invalid hostname: '${hostname}'`);
}

/** The symbol of the field that holds a handle's connection. */
function fieldOf(handle: Handle): symbol | undefined {
  for (let owner: object | null = handle; owner; owner = Object.getPrototypeOf(owner)) {
    const symbols = Object.getOwnPropertySymbols(owner);
    const field = symbols.find(({ description }) => description === "kStreamBaseField");
    if (field) return field;
  }
  return undefined;
}

/**
 * TLS through private parts of `node:tls` in Deno 2.7. The Node socket wraps a `Deno.TlsConn`,
 * which is taken out: unlike the Node socket, it half-closes and reports a connection that ends
 * without close_notify.
 */
import type { NodeTlsOptions } from "./node_options.ts";

/** The part of a Node socket's handle that is used here. */
interface Handle {
  /** If set, the Node socket doesn't start to read the connection. */
  pauseOnCreate?: boolean;
  /** Starts TLS on the connection in the field of `fieldOf`, and replaces it by the new one. */
  afterConnectTls?(): Promise<void>;
  [field: symbol]: unknown;
}

interface NodeSocket {
  readonly _handle?: Handle;
  destroy(): void;
}

/**
 * Starts TLS as `startNodeTls` does. Resolves with undefined where the runtime has no such private
 * parts; `conn` is untouched then.
 */
export async function startOnHandle(
  conn: Deno.TcpConn,
  options: NodeTlsOptions,
): Promise<Deno.TlsConn | undefined> {
  const handle = await makeHandle(options);
  const field = handle?.afterConnectTls && fieldOf(handle);
  if (!handle?.afterConnectTls || !field) return undefined;
  handle.pauseOnCreate = true;
  handle[field] = conn;
  await handle.afterConnectTls();
  if (handle[field] === conn) throw startFailure(conn, options.hostname);
  return handle[field] as Deno.TlsConn;
}

async function makeHandle(options: NodeTlsOptions): Promise<Handle | undefined> {
  const { createSecureContext, TLSSocket } = await import("node:tls");
  const settings = {
    servername: options.hostname,
    rejectUnauthorized: options.verify,
    checkServerIdentity: options.anyName ? () => undefined : undefined,
    ALPNProtocols: options.alpn && [...options.alpn],
    secureContext: createSecureContext({ ca: [...options.caCerts], ...options.clientCert }),
  };
  // The types require a socket to wrap; without one, the handle takes our connection.
  const socket = Reflect.construct(TLSSocket, [undefined, settings]) as NodeSocket;
  if (socket._handle?.afterConnectTls) return socket._handle;
  socket.destroy();
  return undefined;
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

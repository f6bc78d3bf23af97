/**
 * Handshakes that Deno's own interface can't do: without verification, or with a client
 * certificate on a socket that is connected already. `node:tls` can, and its connection is a
 * `Deno.TlsConn` inside: taken out, it half-closes and tells a cut as any other does, which the
 * Node socket around it can't.
 */
import { TlsError } from "../../core/errors.ts";
import type { Identity } from "../options.ts";

interface NodeHandshake {
  /** The name to ask for, and to check where names are checked. */
  readonly hostname: string;
  readonly caCerts: readonly string[];
  readonly alpn?: readonly string[];
  readonly clientCert?: Identity;
  /** Without it nothing is checked, not even that the peer holds the key of its certificate. */
  readonly verify: boolean;
  /** Whether the certificate may be for another name. */
  readonly anyName?: boolean;
}

/** The part of a Node socket's handle that is used here. */
interface Handle {
  /** Set: nobody reads the connection as soon as it is there. */
  pauseOnCreate?: boolean;
  /** Starts TLS on what the field of `fieldOf` holds, and puts the new connection there. */
  afterConnectTls?(): Promise<void>;
  [field: symbol]: unknown;
}

/** Starts TLS on `conn`, which is used up by it. The handshake goes on in the background. */
export async function startNodeTls(conn: Deno.Conn, wanted: NodeHandshake): Promise<Deno.TlsConn> {
  const { createSecureContext, TLSSocket } = await import("node:tls");
  const settings = {
    servername: wanted.hostname,
    rejectUnauthorized: wanted.verify,
    checkServerIdentity: wanted.anyName ? () => undefined : undefined,
    ALPNProtocols: wanted.alpn && [...wanted.alpn],
    secureContext: createSecureContext({ ca: [...wanted.caCerts], ...wanted.clientCert }),
  };
  // The types ask for a socket to wrap; without one there is room for a connection of ours.
  const socket = Reflect.construct(TLSSocket, [undefined, settings]) as { _handle?: Handle };
  const handle = socket._handle;
  const field = handle && fieldOf(handle);
  if (!handle?.afterConnectTls || !field) {
    throw new TlsError("handshake", wanted.hostname, "this version of Deno can't do it");
  }
  handle.pauseOnCreate = true;
  handle[field] = conn;
  await handle.afterConnectTls();
  if (handle[field] === conn) throw whyNot(conn, wanted.hostname);
  return handle[field] as Deno.TlsConn;
}

/**
 * The handle keeps its reason to itself. A bad name is found while the connection is still ours;
 * one that its peer has reset is used up by then.
 */
function whyNot(conn: Deno.Conn, hostname: string): Error {
  try {
    conn.close();
  } catch {
    return new Deno.errors.ConnectionReset();
  }
  return new TypeError(`Invalid hostname: '${hostname}'`);
}

/** Where a handle keeps its connection. */
function fieldOf(handle: Handle): symbol | undefined {
  for (let part: object | null = handle; part; part = Object.getPrototypeOf(part)) {
    const named = Object.getOwnPropertySymbols(part);
    const field = named.find(({ description }) => description === "kStreamBaseField");
    if (field) return field;
  }
  return undefined;
}

/** The client's handshake over a Node stream, as `node:tls` has it since Deno 2.8. */
import { connect, type ConnectionOptions, createSecureContext } from "node:tls";
import { parseLiteral } from "../../address/ip.ts";
import type { NodeTlsOptions } from "./node_options.ts";
import { StreamTlsConn } from "./stream_tls_conn.ts";

/** A host name for SNI (RFC 6066 §3): labels of at most 63 characters. */
const NAME = /^(?!-)[\w-]{1,63}(?<!-)(\.(?!-)[\w-]{1,63}(?<!-))*\.?$/;

/** Starts TLS as `startNodeTls` does. Throws a `TypeError` for an invalid name. */
export function startOnStream(conn: Deno.TcpConn, options: NodeTlsOptions): Deno.TlsConn {
  const settings = settingsOf(options);
  const started = new StreamTlsConn(conn, (stream, { secured, failed }) => {
    const socket = connect({ ...settings, socket: stream });
    socket.on("error", failed);
    socket.once("secureConnect", () => secured(socket));
  });
  return started as unknown as Deno.TlsConn; // It has what coax uses of the type.
}

type Settings = ConnectionOptions & { readonly allowHalfOpen: boolean };

function settingsOf(options: NodeTlsOptions): Settings {
  const { hostname, alpn, clientCert } = options;
  const isIp = parseLiteral(hostname) !== undefined;
  if (!isIp && !NAME.test(hostname)) throw new TypeError(`Invalid hostname: '${hostname}'`);
  const secureContext = createSecureContext({ ...clientCert });
  // `ca` would replace the default authorities; this method, which Node has too, adds to them.
  const context = secureContext.context as { addCACert(pem: string): void };
  for (const certificate of options.caCerts) context.addCACert(certificate);
  return {
    ...isIp ? { host: hostname } : { servername: hostname },
    ...options.anyName ? { checkServerIdentity: () => undefined } : {},
    ...alpn ? { ALPNProtocols: [...alpn] } : {},
    rejectUnauthorized: options.verify,
    secureContext,
    allowHalfOpen: true,
  };
}

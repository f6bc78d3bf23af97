/**
 * Handshakes through `node:tls` that `Deno.startTls` can't do: without verification, or with a
 * client certificate. What `node:tls` can do differs between versions of Deno, so there are two
 * ways: `node_stream.ts`, and `node_handle.ts` for Deno 2.7, which has no TLS over streams.
 */
import { startOnHandle } from "./node_handle.ts";
import type { NodeTlsOptions } from "./node_options.ts";

/**
 * Starts TLS on `conn`, which is consumed; the handshake goes on in the background.
 *
 * Rejects with a `TypeError` for an invalid name, or as the system does.
 */
export async function startNodeTls(
  conn: Deno.TcpConn,
  options: NodeTlsOptions,
): Promise<Deno.TlsConn> {
  const started = await startOnHandle(conn, options);
  if (started) return started;
  const { startOnStream } = await import("./node_stream.ts");
  return startOnStream(conn, options);
}

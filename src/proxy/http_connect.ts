/** Tunnels through HTTP proxies: CONNECT (RFC 9110 §9.3.6) with Basic authentication (RFC 7617). */
import { formatAuthority } from "../address/address.ts";
import type { Duplex } from "../core/duplex.ts";
import { RefusedError } from "../core/errors.ts";
import { basic } from "../http/basic.ts";
import { HeadError, type ResponseHead } from "../http/head.ts";
import { readAnswer } from "../http/response.ts";
import type { Credentials } from "./socks5.ts";
import type { RequestedTarget } from "./target.ts";

/**
 * Asks the proxy to connect to `target`, whose name it resolves. Reads no byte of the target.
 * Rejects with a `RefusedError` if the proxy refuses, or as the stream does.
 */
export async function httpConnect(
  proxy: Duplex,
  target: RequestedTarget,
  credentials?: Credentials,
): Promise<void> {
  const authority = formatAuthority(target);
  const lines = [`CONNECT ${authority} HTTP/1.1`, `Host: ${authority}`];
  if (credentials) lines.push(`Proxy-Authorization: ${basic(credentials)}`);
  await proxy.write(new TextEncoder().encode(lines.join("\r\n") + "\r\n\r\n"));
  const refused = (reason: string) =>
    new RefusedError("proxy", proxy.peer, `${reason} (CONNECT ${authority})`);
  const { line, status } = await readProxyAnswer(proxy, refused);
  // A 2xx has no content, whatever its fields (RFC 9110 §9.3.6).
  if (status < 200 || status > 299) throw refused(line);
}

/** Reads byte by byte: what follows the head is the target's. */
async function readProxyAnswer(
  proxy: Duplex,
  refused: (reason: string) => RefusedError,
): Promise<ResponseHead> {
  const answer = await readAnswer(proxy, 1).catch((error) => {
    throw error instanceof HeadError ? refused(error.message) : error;
  });
  if (!answer) throw refused("it ended without an answer");
  return answer.head;
}

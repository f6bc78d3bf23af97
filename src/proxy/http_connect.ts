/** Tunnels through HTTP proxies: CONNECT (RFC 9110 §9.3.6) with Basic authentication (RFC 7617). */
import type { Duplex } from "../core/duplex.ts";
import { RefusedError } from "../core/errors.ts";
import { takeExactly } from "../core/take.ts";
import type { Credentials } from "./socks5.ts";
import { formatTarget, type Target } from "./target.ts";

/** A head longer than this is no proxy's answer, bytes. */
const LONGEST_HEAD = 16 * 1024;

/**
 * Asks the proxy at the other end of `proxy` to connect to `target`; names are resolved there.
 * Takes no byte of what the target sends. Rejects with a `RefusedError`.
 */
export async function httpConnect(
  proxy: Duplex,
  target: Target,
  credentials?: Credentials,
): Promise<void> {
  const authority = formatTarget(target);
  const lines = [`CONNECT ${authority} HTTP/1.1`, `Host: ${authority}`];
  if (credentials) lines.push(`Proxy-Authorization: Basic ${basic(credentials)}`);
  await proxy.write(new TextEncoder().encode(lines.join("\r\n") + "\r\n\r\n"));
  const head = await takeHead(proxy);
  const [status, code] = /^HTTP\/1\.[01] (\d{3})[^\r\n]*/.exec(head) ?? [];
  if (code?.startsWith("2")) return;
  const reason = status ?? "it doesn't speak HTTP";
  throw new RefusedError("proxy", proxy.peer, `${reason} (CONNECT ${authority})`);
}

/** The head up to its empty line, byte by byte: what comes behind it belongs to the target. */
async function takeHead(proxy: Duplex): Promise<string> {
  let head = "";
  while (!head.endsWith("\r\n\r\n")) {
    if (head.length >= LONGEST_HEAD || (head.length === 5 && head !== "HTTP/")) break;
    head += String.fromCharCode((await takeExactly(proxy, 1))[0]!);
  }
  return head;
}

/** `user:password` in base64, of its UTF-8 bytes (RFC 7617 §2.1). */
function basic({ user, password }: Credentials): string {
  return btoa(String.fromCharCode(...new TextEncoder().encode(`${user}:${password}`)));
}

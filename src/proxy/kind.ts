/** The kinds of proxy that a relay can be. */

/** Values of a relay's TO that make FROM a proxy server. */
const PROXY_KINDS = ["socks5:", "http-proxy:"] as const;
export type ProxyKind = (typeof PROXY_KINDS)[number];

/** Whether a TO is no address but a kind of proxy. */
export function isProxyKind(text: string): text is ProxyKind {
  return PROXY_KINDS.some((kind) => kind === text);
}

/**
 * Checks Host and Origin of a request: a foreign page must not reach this machine through a browser
 * on it, neither directly nor by DNS rebinding.
 */
import { hostName } from "../address/host.ts";
import { isLoopback } from "../address/ip.ts";
import type { RequestHead } from "./head.ts";

export interface OriginRule {
  /** Bound to loopback alone, so that only loopback names are a valid Host. */
  readonly loopback: boolean;
  /** Further origins, `https://example.com` or `example.com`; without a port, any port. */
  readonly allowed: readonly string[];
}

/** The reason to refuse a request; undefined to allow it. */
export function forbidden(
  { target, headers }: Pick<RequestHead, "target" | "headers">,
  { loopback, allowed }: OriginRule,
): string | undefined {
  const host = hostIn(target) ?? headers.get("host") ?? "";
  if (loopback && !isOwnHost(host, allowed)) {
    return `Host ${JSON.stringify(host)} is not this machine; --allow-origin can list it`;
  }
  const origin = headers.get("origin");
  if (origin === null || equalsHost(origin, host) || isListed(origin, allowed)) return undefined;
  return `Origin ${JSON.stringify(origin)} is not the Host; --allow-origin can list it`;
}

/** The host in a request's target, which counts instead of the field (RFC 9112 §3.2.2). */
function hostIn(target: string): string | undefined {
  return !target.startsWith("/") && URL.canParse(target) ? new URL(target).host : undefined;
}

function isOwnHost(text: string, allowed: readonly string[]): boolean {
  const host = parseAuthority(text);
  if (!host) return false;
  return isLocalName(text, host) || allowed.some((entry) => namesHost(entry, host));
}

/** Whether the host is loopback as written: `URL` reads `2130706433` as an address, too. */
function isLocalName(text: string, { hostname }: URL): boolean {
  const asWritten = text.startsWith("[") || text.replace(/:\d*$/, "").toLowerCase() === hostname;
  return asWritten && isLoopback(hostname.replace(/\.$/, ""));
}

/** Compares as URLs do: in lower case, without the scheme's default port. */
function equalsHost(origin: string, host: string): boolean {
  const from = URL.canParse(origin) ? new URL(origin) : undefined;
  if (from?.protocol !== "http:" && from?.protocol !== "https:") return false;
  return from.host === parseAuthority(host, from.protocol)?.host;
}

function isListed(origin: string, allowed: readonly string[]): boolean {
  if (!URL.canParse(origin)) return false;
  const from = new URL(origin);
  return from.host !== "" && allowed.some((entry) => {
    if (!entry.includes("://")) return namesHost(entry, from);
    const { protocol, host } = new URL(entry);
    return protocol === from.protocol && host === from.host;
  });
}

/** Whether an entry, with or without scheme, names this host and port. */
function namesHost(entry: string, { hostname, port }: URL): boolean {
  const named = parseAuthority(entry.replace(/^[^/]*:\/\//, ""));
  return named?.hostname === hostname && (!named.port || named.port === port);
}

/** Parses `HOST[:PORT]`; undefined for anything else. */
export function parseAuthority(text: string, protocol = "http:"): URL | undefined {
  if (!/^(\[[\da-f:.]+\]|[^\s[\]/\\?#@:*]+)(:\d*)?$/i.test(text)) return undefined;
  const url = `${protocol}//${text}`;
  return URL.canParse(url) ? new URL(url) : undefined;
}

/**
 * Parses an entry of the list, its host to ASCII. Throws a plain `Error` with what was expected.
 */
export function parseOrigin(text: string): string {
  const [, scheme = "", host = "", port = ""] =
    /^([a-z][a-z\d+.-]*:\/\/)?(.*?)(:\d*)?$/is.exec(text) ?? [];
  const name = /^[\x21-\x7e]+$/.test(host) ? host : hostName(host);
  if (name === undefined || !parseAuthority(name + port)) {
    throw new Error("expected an origin such as https://example.com or example.com:8080");
  }
  return scheme + name + port;
}

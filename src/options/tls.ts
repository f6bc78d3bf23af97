/** Maps the TLS options of the command line to those of the transports. */
import { type Address, ANY, parseAddress } from "../address/address.ts";
import { LOOPBACK } from "../address/ip.ts";
import { UsageError } from "../core/errors.ts";
import type { Log } from "../core/log.ts";
import type { OptionsOf } from "../flags/flag.ts";
import type { Identity, TlsDialOptions, TlsListenOptions } from "../transports/options.ts";
import type { Complete } from "./complete.ts";
import type { tlsDialFlags, tlsListenFlags } from "./groups.ts";
import { readAuthorities, readIdentity } from "./credentials.ts";

type AllTlsDialFlags = OptionsOf<typeof tlsDialFlags>;
/** Gates have no protocol that begins in the clear. */
type TlsDialFlags = Omit<AllTlsDialFlags, "starttls"> & Partial<AllTlsDialFlags>;
type TlsListenFlags = OptionsOf<typeof tlsListenFlags>;

const prepared = new WeakMap<TlsDialFlags, Promise<TlsDialOptions>>();

/** Whether an address is one of TLS. */
export function isTls(address: Address): address is Extract<Address, { scheme: "tls" | "wss" }> {
  return address.scheme === "tls" || address.scheme === "wss";
}

/**
 * TLS options for dialling `address`; undefined where that has no TLS. Files are read, and warnings
 * logged, once for a command line. Rejects with a `UsageError` for a file that can't be used, and
 * for a certificate and a key that don't match.
 */
export async function tlsForDialing(
  address: Address,
  options: TlsDialFlags,
  log: Log,
): Promise<TlsDialOptions | undefined> {
  if (!isTls(address)) return undefined;
  const known = prepared.get(options) ?? prepareDialing(options, log);
  prepared.set(options, known);
  return await known;
}

async function prepareDialing(
  options: TlsDialFlags,
  log: Log,
): Promise<Complete<TlsDialOptions>> {
  const { serverName, alpn, pin, insecure, starttls } = options;
  const ca = await authoritiesFrom("--ca", options.ca);
  const clientCert = await identityFrom("--client-cert", options.clientCert, options.clientKey);
  if (insecure && !pin) {
    log.warn("insecure", "--insecure: nobody checks who is at the other end of TLS connections");
  }
  return { ca, serverName, alpn, pin, insecure, starttls, clientCert };
}

const IN_EVERY_CERTIFICATE: readonly string[] = [ANY, LOOPBACK, "127.0.0.1", "::1"];

/**
 * Reads the files of TLS options before any address is known. Rejects as `tlsForDialing` and
 * `tlsForListening` do.
 */
export async function checkTls(
  options: TlsDialFlags & TlsListenFlags,
  log: Log,
): Promise<void> {
  const address = parseAddress(`tls://${LOOPBACK}:0`);
  await tlsForDialing(address, options, log);
  await tlsForListening(options, [address], log);
}

const preparedToListen = new WeakMap<
  TlsListenFlags,
  Map<string, Promise<Complete<TlsListenOptions>>>
>();

/**
 * TLS options for listening on `addresses`; undefined where none has TLS. With `--self-signed`,
 * makes a certificate for their hosts and logs its pin, once for a command line and the same hosts.
 * Rejects as `tlsForDialing` does.
 */
export async function tlsForListening(
  options: TlsListenFlags,
  addresses: readonly Address[],
  log: Log,
): Promise<Complete<TlsListenOptions> | undefined> {
  const tls = addresses.filter(isTls);
  if (tls.length === 0) return undefined;
  const hosts = tls.map(({ host }) => host).filter((host) => !IN_EVERY_CERTIFICATE.includes(host));
  const known = preparedToListen.get(options) ?? new Map();
  preparedToListen.set(options, known);
  const key = options.selfSigned ? [...new Set(hosts)].sort().join(" ") : "";
  if (!known.has(key)) known.set(key, prepareListening(options, hosts, log));
  return await known.get(key);
}

async function prepareListening(
  options: TlsListenFlags,
  hosts: readonly string[],
  log: Log,
): Promise<Complete<TlsListenOptions>> {
  const { alpn } = options;
  const clientCa = await clientAuthorities(options);
  const fromFiles = await identityFrom("--cert", options.cert, options.key);
  if (fromFiles && options.selfSigned) throw new UsageError("--self-signed", "excludes --cert");
  if (!options.selfSigned) return { identity: fromFiles, alpn, clientCa };
  const { selfSigned } = await import("../transports/tls/self_signed.ts");
  const { pin, ...identity } = await selfSigned(hosts);
  log.info("pin", `pin sha256:${pin}`, { pin: `sha256:${pin}` });
  return { identity, alpn, clientCa };
}

/** Authorities of `--client-ca`, undefined without it. Rejects where the runtime can't ask. */
async function clientAuthorities({ clientCa }: TlsListenFlags): Promise<string[] | undefined> {
  if (clientCa.length === 0) return undefined;
  const { requireMutualTls } = await import("../transports/tls/mutual.ts");
  requireMutualTls();
  return await authoritiesFrom("--client-ca", clientCa);
}

async function authoritiesFrom(option: string, paths: readonly string[]): Promise<string[]> {
  return (await Promise.all(paths.map((path) => readAuthorities({ option, path })))).flat();
}

/** Reads a certificate and its key, as of `--cert` and `--key`; undefined without both. */
async function identityFrom(
  option: string,
  certPath?: string,
  keyPath?: string,
): Promise<Identity | undefined> {
  const keyOption = option.replace(/cert$/, "key");
  if (!certPath && !keyPath) return undefined;
  if (!certPath) throw new UsageError(keyOption, `needs ${option} FILE`);
  const certFile = { option, path: certPath };
  if (keyPath) return await readIdentity(certFile, { option: keyOption, path: keyPath });
  await readAuthorities(certFile); // A mistake in the file is reported first.
  throw new UsageError(option, `needs ${keyOption} FILE`);
}

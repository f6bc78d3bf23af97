/**
 * The control's HTTP server: coax's own accept loop, one request a connection. The runtime's
 * `Deno.serve` was tried (2.7.11 and 2.9.6) and has no bounds that could be set: any number of
 * connections, no deadline for a head or a body (1,000 heads of 60 kB that never end kept 80 MB),
 * HTTP/2 unasked, a `shutdown` that waits for viewers. 2.7.11 also drops the answer to a peer that
 * half-closed, and takes two Hosts. Slots, deadlines and strict heads are here already.
 */
import { type Address, ANY, formatHostPort, parseAddress } from "../address/address.ts";
import { isLoopback, parseIp } from "../address/ip.ts";
import type { Duplex } from "../core/duplex.ts";
import { reasonOf, ShutdownError, UsageError } from "../core/errors.ts";
import type { Listener } from "../core/listener.ts";
import type { Log } from "../core/log.ts";
import { type Accepted, serve, type ServeOptions } from "../core/serve.ts";
import { settledWithin } from "../core/time.ts";
import { exchange, type ExchangeOptions, type Outcome } from "../http/exchange.ts";
import { warnIfWide } from "../setup/listen.ts";
import { listen, type ListenOptions } from "../transports/mod.ts";
import { PLAIN_LISTENER } from "../transports/options.ts";
import { guardOf } from "./guard.ts";
import { jsonError } from "./json_error.ts";

export interface HttpServerOptions extends Pick<ListenOptions, "socketMode" | "tls"> {
  /** Gets this server's own events; no event of it may reach the viewers of `log`'s events. */
  readonly log: Log;
  /** The option or operand that names the address, for messages: `--control`. */
  readonly subject: string;
  /** What `Authorization: Bearer` must have. */
  readonly token: string | undefined;
  /** Further origins that may ask (see `OriginRule`). */
  readonly allowOrigin: readonly string[];
  /** Time for a whole request, milliseconds. */
  readonly handshakeTimeout: number;
  /** Time for a peer to take each piece of an answer, milliseconds. */
  readonly writeTimeout?: number;
}

/** A server that answers until it is disposed of. */
export interface HttpServer extends AsyncDisposable {
  /** Where it answers: `http://127.0.0.1:8474/`, `unix:/run/x`. */
  readonly urls: readonly string[];
}

export type Fetch = ExchangeOptions["fetch"];

/** A longer body is refused, bytes. */
const MAX_BODY = 2 ** 20;
/** Connections that may be open at once. */
const MAX_CONNECTIONS = 128;
/** Time for the answers under way when the program ends, milliseconds. */
const GRACE = 500;
const FETCH_TIMEOUT = 25_000;
const WRITE_TIMEOUT = 30_000;

/** Fields of every answer that doesn't set them itself. */
const SECURITY: Readonly<Record<string, string>> = {
  "Cache-Control": "no-store",
  "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
  "Cross-Origin-Resource-Policy": "same-origin",
  "Referrer-Policy": "no-referrer",
  "X-Content-Type-Options": "nosniff",
};

/**
 * Serves `fetch` at the address `text`. Rejects with an `UnavailableError` where that can't be
 * bound, and with a `UsageError` for another kind of address, or for one that is wider than
 * loopback and has no token.
 */
export async function startHttpServer(
  text: string,
  fetch: Fetch,
  options: HttpServerOptions,
): Promise<HttpServer> {
  const { log, subject, token } = options;
  const listeners = await bind(checkHttpAddress(text, options), options);
  const bound = listeners.flatMap((listener) => listener.addresses).map(parseAddress);
  const loopback = bound.every(isPrivate);
  if (!loopback && token === undefined) {
    for (const listener of listeners) listener.close();
    throw needsToken(text, subject);
  }
  const urls = bound.map(urlOf);
  for (const url of urls) log.info("control", `control on ${url}`, { address: url });
  warnIfWide(bound.map(({ text }) => text), log, "ask the control, which a token guards");
  const judge = guardOf({ loopback, allowed: options.allowOrigin }, token);
  return { urls, ...serveExchanges(listeners, fetch, judge, options) };
}

/**
 * The address, as far as it can be judged before it is bound: what a name stands for shows then.
 * Throws a `UsageError` as `startHttpServer` does.
 */
export function checkHttpAddress(
  text: string,
  { subject, token, tls }: Pick<HttpServerOptions, "subject" | "token" | "tls">,
): Address {
  const address = parseAddress(text);
  const { scheme } = address;
  if (scheme !== "tcp" && scheme !== "unix" && (scheme !== "tls" || !tls)) {
    throw new UsageError(`${subject} "${text}"`, "expected a TCP address or unix:PATH");
  }
  const isKnown = "host" in address && (address.host === ANY || parseIp(address.host));
  if (token === undefined && isKnown && !isPrivate(address)) throw needsToken(text, subject);
  return address;
}

function needsToken(text: string, subject: string): UsageError {
  const reason = `required: ${subject} "${text}" can be reached from other machines`;
  return new UsageError("--token", reason);
}

/** Whether only this machine can connect there. */
function isPrivate(address: Address): boolean {
  return !("host" in address) || isLoopback(address.host);
}

async function bind(address: Address, options: HttpServerOptions): Promise<Listener[]> {
  const { log, socketMode, handshakeTimeout, tls } = options;
  return await listen(address, { ...PLAIN_LISTENER, log, socketMode, handshakeTimeout, tls });
}

/** A bound address as a browser takes it; that of a Unix socket as it is. */
function urlOf(address: Address): string {
  if (!("host" in address)) return address.text;
  return formatHostPort(
    address.scheme === "tls" ? "https" : "http",
    address.host,
    address.port,
    "/",
  );
}

/** Serves until it is disposed of: then answers without an end come to one, others have time. */
function serveExchanges(
  listeners: readonly Listener[],
  fetch: Fetch,
  judge: ExchangeOptions["judge"],
  options: HttpServerOptions,
): AsyncDisposable {
  const { log } = options;
  const [ending, stop] = [new AbortController(), new AbortController()];
  const exchanging = exchangeOptions(fetch, judge, ending.signal, options);
  const answer = async ({ connection, peer, established }: Accepted) => {
    try {
      const stream = connection as Duplex;
      report(await exchange(stream, { ...exchanging, established: established! }), peer, log);
    } catch (error) {
      log.debug("ended", `control: ${reasonOf(error)}`, { peer });
    }
  };
  const serving = log.with({ address: listeners[0]!.addresses[0] });
  const done = serve(listeners, answer, serveOptions(serving, stop.signal));
  return {
    [Symbol.asyncDispose]: async () => {
      ending.abort(new ShutdownError());
      for (const listener of listeners) listener.close();
      await settledWithin(done, GRACE);
      stop.abort();
      await done;
    },
  };
}

function exchangeOptions(
  fetch: Fetch,
  judge: ExchangeOptions["judge"],
  stop: AbortSignal,
  { handshakeTimeout, writeTimeout = WRITE_TIMEOUT }: HttpServerOptions,
): Omit<ExchangeOptions, "established"> {
  return {
    fetch: async (request) => secured(await fetch(request)),
    refusal: ({ status, message, headers }) => secured(jsonError(status, message, headers)),
    judge,
    stop,
    maxBody: MAX_BODY,
    requestTimeout: handshakeTimeout,
    fetchTimeout: FETCH_TIMEOUT,
    writeTimeout,
  };
}

function serveOptions(log: Log, stop: AbortSignal): ServeOptions {
  return {
    log,
    stop,
    grace: 0,
    maxConnections: MAX_CONNECTIONS,
    limitName: `the control's limit of ${MAX_CONNECTIONS} connections`,
    maxPerPeer: undefined,
    admit: undefined,
    held: undefined,
    handshake: true,
    unnumbered: true,
  };
}

/** The response with the fields of `SECURITY`. */
function secured(response: Response): Response {
  const headers = new Headers(response.headers);
  for (const [name, value] of Object.entries(SECURITY)) {
    if (!headers.has(name)) headers.set(name, value);
  }
  const { status, statusText, body } = response;
  return new Response(body, { status, statusText, headers });
}

/** Logs what was refused or has failed; the rest only with `-v`. */
function report(outcome: Outcome | undefined, peer: string, log: Log): void {
  if (!outcome) return;
  const { method = "", target = "", status, error } = outcome;
  const asked = [method, target].filter(Boolean).join(" ");
  if (status === 500 && error) {
    const text = `control: ${asked}: ${reasonOf(error)}`;
    log.error("failed", text, { peer, error: reasonOf(error) });
  } else if (error) {
    log.warn("refused", `control: refused ${peer} (${status}): ${reasonOf(error)}`, { peer });
  } else log.debug("request", `control: ${asked} ${status}`, { peer });
}

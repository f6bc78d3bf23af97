/** Dials with the options' address family, deadline for each attempt, and retries. */
import type { Address } from "../address/address.ts";
import type { Connection } from "../core/duplex.ts";
import {
  reasonOf,
  RefusedError,
  ResolveError,
  ShutdownError,
  TimeoutError,
  UnavailableError,
  UsageError,
} from "../core/errors.ts";
import type { Log } from "../core/log.ts";
import { pauseBefore, sleep } from "../core/time.ts";
import type { OptionsOf } from "../flags/flag.ts";
import { dial, type DialOptions } from "../transports/mod.ts";
import type { TlsDialOptions } from "../transports/options.ts";
import type { dialerFlags } from "../options/groups.ts";
import { requireKeepAlive } from "../transports/keep_alive.ts";
import { wsDialOptions } from "../options/websocket.ts";
import { isTls, tlsForDialing } from "../options/tls.ts";

type DialerOptions = OptionsOf<typeof dialerFlags>;

/** Options that only one connection has. */
type PerConnection = Partial<
  Pick<DialOptions, "child" | "childErrors" | "allow" | "preface" | "signal" | "visitor">
>;

/** Connects to `address`. Errors that may pass are retried as often as `--retry` says. */
export async function connect(
  address: Address,
  options: DialerOptions,
  log: Log,
  stop: AbortSignal,
  perConnection: PerConnection = {},
): Promise<Connection> {
  const { retry, retryDelay } = options;
  const { signal } = perConnection;
  const tls = isTls(address) ? await tlsForDialing(address, options, log) : undefined;
  const dialOptions = dialOptionsOf(options, log, tls, perConnection);
  for (let attempt = 0;; attempt++) {
    try {
      return await dial(address, dialOptions);
    } catch (error) {
      if (!isRetryable(error) || attempt >= retry || signal?.aborted) throw error;
      if (stop.aborted) throw new ShutdownError();
      const delay = pauseBefore(attempt, retryDelay);
      log.info("retry", `${reasonOf(error)}; trying again in ${(delay / 1000).toFixed(1)} s`, {
        address: address.text,
        error: reasonOf(error),
        seconds: delay / 1000,
      });
      await sleep(delay, signal ? AbortSignal.any([stop, signal]) : stop).catch(() => {
        throw new ShutdownError();
      });
    }
  }
}

/** Options of one attempt. */
export type AttemptOptions = Omit<DialerOptions, "retry" | "retryDelay">;

/** Connects to `address` in one attempt. */
export async function connectOnce(
  address: Address,
  options: AttemptOptions,
  log: Log,
): Promise<Connection> {
  const tls = await tlsForDialing(address, options, log);
  return await dial(address, dialOptionsOf(options, log, tls, {}));
}

/** Maps the options to those of a transport that dials. */
function dialOptionsOf(
  options: AttemptOptions,
  log: Log,
  tls: TlsDialOptions | undefined,
  { child, childErrors, allow, preface, signal, visitor }: PerConnection,
): DialOptions {
  const { connectTimeout, via, bind, broadcast } = options;
  const keepAlive = requireKeepAlive(options.keepalive);
  const family = familyOf(options);
  const ws = wsDialOptions(options);
  const shared = { log, connectTimeout, family, via, bind, broadcast, keepAlive, tls, ws };
  return { ...shared, child, childErrors, allow, preface, signal, visitor };
}

/** Whether an error may pass with time: the target's, or that of a proxy on the way to it. */
function isRetryable(error: unknown): boolean {
  return error instanceof UnavailableError || error instanceof TimeoutError ||
    error instanceof ResolveError || (error instanceof RefusedError && isRetryable(error.cause));
}

/** The only address family to use. Throws a `UsageError` for both. */
export function familyOf({ ipv4, ipv6 }: Pick<DialerOptions, "ipv4" | "ipv6">): 4 | 6 | undefined {
  if (ipv4 && ipv6) throw new UsageError("-4", "can't be combined with -6");
  return ipv4 ? 4 : ipv6 ? 6 : undefined;
}

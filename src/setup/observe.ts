/** Observes a connection as the options say: log, hexdump, recording, idle timer. */
import type { Connection } from "../core/duplex.ts";
import { TimeoutError } from "../core/errors.ts";
import type { Log } from "../core/log.ts";
import { isReset } from "../core/resets.ts";
import { maskSecrets } from "../core/secrets.ts";
import { dumper, ownFlows, relayFlows } from "../wrap/dump.ts";
import { idle } from "../wrap/idle.ts";
import { type Observer, tap } from "../wrap/tap.ts";

export interface ObserveOptions {
  readonly dump: boolean;
  /** Time without a byte after which the connection is closed, milliseconds. */
  readonly idleTimeout: number | undefined;
  /** The target of a relay's client, as far as it is known yet. */
  readonly target?: () => string;
}

/** Options for the log alone, where another connection of the pair is dumped and timed. */
export const LOG_ONLY: ObserveOptions = { dump: false, idleTimeout: undefined };

/**
 * The same connection, observed. Nothing is wrapped around it that no option asks for.
 *
 * @param lastWait Returns when it last waited for other connections, in milliseconds of
 *   `performance.now()`: silence before that isn't idleness.
 */
export function observe(
  connection: Connection,
  log: Log,
  { dump, idleTimeout, target }: ObserveOptions,
  recording?: Observer,
  lastWait?: () => number,
): Connection {
  const { peer } = connection;
  let observed = connection;
  if (recording) observed = tap(observed, recording);
  if (log.enabled("debug")) observed = tap(observed, connectionLogger(peer, log));
  if (dump) {
    // Secrets in the peer's address are masked here: a dump is written unmasked.
    const client = maskSecrets(peer);
    const flows = target ? relayFlows(client, () => maskSecrets(target())) : ownFlows(client);
    observed = tap(observed, dumper(flows, (line) => log.asked("dump", line, { peer: client })));
  }
  if (lastWait) connection.excuse?.(lastWait);
  if (idleTimeout !== undefined && !connection.expires) {
    observed = idle(
      observed,
      idleTimeout,
      () => new TimeoutError("idle", peer, `no byte for ${idleTimeout / 1000} s`),
      lastWait,
    );
  }
  return observed;
}

/**
 * Logs a connection's first byte each way, its half-closes, and its close with byte counts.
 *
 * @param before What has passed already, bytes, and since when, in `performance.now()`.
 */
export function connectionLogger(
  peer: string,
  log: Log,
  before = { received: 0, sent: 0, start: performance.now() },
): Observer {
  let { received, sent } = before;
  const { start } = before;
  return {
    received(bytes) {
      if (received === 0 && bytes.length > 0) {
        log.debug("first-byte", `receive: first byte from ${peer}`, { peer, direction: "in" });
      }
      received += bytes.length;
      log.tracing?.trace("read", `read ${bytes.length} bytes from ${peer}`, { peer, received });
    },
    sent(bytes) {
      if (sent === 0 && bytes.length > 0) {
        log.debug("first-byte", `send: first byte to ${peer}`, { peer, direction: "out" });
      }
      sent += bytes.length;
      log.tracing?.trace("write", `write ${bytes.length} bytes to ${peer}`, { peer, sent });
    },
    receivedEof() {
      const text = `${peer} is done sending, after ${received} bytes`;
      log.debug("half-close", text, { peer, received });
    },
    sentEof() {
      const text = `we are done sending to ${peer}, after ${sent} bytes`;
      log.debug("half-close", text, { peer, sent });
    },
    closed(reason) {
      const seconds = (performance.now() - start) / 1000;
      const reset = isReset(reason) || undefined;
      const fields = { peer, sent, received, seconds, error: reason?.message, reset };
      log.debug("close", closeText(fields), fields);
    },
  };
}

function closeText(
  fields: { peer: string; sent: number; received: number; seconds: number; error?: string },
): string {
  const { peer, sent, received, seconds, error } = fields;
  const counts = `sent ${sent} bytes, received ${received} bytes in ${seconds.toFixed(3)} s`;
  return `close ${peer}: ${counts}${error === undefined ? "" : ` (${error})`}`;
}

/**
 * Watching a connection as the options say: its life in the log, hexdump, recording, idle timer.
 */
import type { Connection } from "../core/duplex.ts";
import { TimeoutError } from "../core/errors.ts";
import type { Log } from "../core/log.ts";
import { maskSecrets } from "../core/secrets.ts";
import { dumper, ownFlows, relayFlows } from "../wrap/dump.ts";
import { idle } from "../wrap/idle.ts";
import { type Observer, tap } from "../wrap/tap.ts";

export interface ObserveOptions {
  readonly dump: boolean;
  /** Milliseconds without a byte that end the connection; nothing ends it where it isn't set. */
  readonly idleTimeout: number | undefined;
  /** Who a relay's client is connected to, as far as is known by then. */
  readonly target?: () => string;
}

/** Its life in the log is all there is to see: for what is watched or timed elsewhere. */
export const LOG_ONLY: ObserveOptions = { dump: false, idleTimeout: undefined };

/**
 * The same end, watched; nothing is attached that nobody asked for.
 *
 * @param lastWait When it had to wait for other connections last, in milliseconds of
 *   `performance.now()`: until then its silence is no idleness.
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
    // A dump is shown as it is: whose it is, is made fit to be shown here.
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

/** Tells a connection's life: first byte each way, half-closes, the close with its sums. */
function connectionLogger(peer: string, log: Log): Observer {
  const start = performance.now();
  let received = 0;
  let sent = 0;
  return {
    received(bytes) {
      if (received === 0 && bytes.length > 0) {
        log.debug("first-byte", `receive: first byte from ${peer}`, { peer, direction: "in" });
      }
      received += bytes.length;
      log.trace("read", `read ${bytes.length} bytes from ${peer}`, { peer, received });
    },
    sent(bytes) {
      if (sent === 0 && bytes.length > 0) {
        log.debug("first-byte", `send: first byte to ${peer}`, { peer, direction: "out" });
      }
      sent += bytes.length;
      log.trace("write", `write ${bytes.length} bytes to ${peer}`, { peer, sent });
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
      log.debug(
        "close",
        `close ${peer}: sent ${sent} bytes, received ${received} bytes in ${seconds.toFixed(3)} s` +
          (reason ? ` (${reason.message})` : ""),
        { peer, sent, received, seconds, error: reason?.message },
      );
    },
  };
}

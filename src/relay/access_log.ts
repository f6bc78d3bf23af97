/** The access log of a relay: an event for each connection that is over. */
import { format as formatSize } from "@std/fmt/bytes";
import { CoaxError, DeniedError, isQuiet, reasonOf, UsageError } from "../core/errors.ts";
import type { Log } from "../core/log.ts";
import { QuietLeaveError } from "../core/resets.ts";
import type { Accepted, Over } from "../core/serve.ts";
import type { OptionsOf } from "../flags/flag.ts";
import { formatSeconds } from "../ladder/units.ts";
import type { generalFlags } from "../options/general.ts";
import { stderrIsTerminal } from "../transports/terminal.ts";
import type { Observer } from "../wrap/tap.ts";
import type { relayFlags } from "./options.ts";

type AccessOptions = Pick<OptionsOf<typeof relayFlags>, "accessLog">;
type LogOptions = Pick<OptionsOf<typeof generalFlags>, "quiet">;

/** Throws a `UsageError` where lines are asked for, and nothing but errors is told. */
export function checkAccessLog({ accessLog, quiet }: AccessOptions & LogOptions): void {
  if (accessLog && quiet) throw new UsageError("--access-log", "excludes -q");
}

/** What there is to say of one connection. It observes the client. */
class AccessEntry implements Observer {
  #up = 0;
  #down = 0;

  /** @param target The target, as it was written; it changes when one is dialled. */
  constructor(private readonly log: Log, readonly peer: string, public target: string) {}

  received(bytes: Uint8Array): void {
    this.#up += bytes.length;
  }

  sent(bytes: Uint8Array): void {
    this.#down += bytes.length;
  }

  /** Logs that the connection is over. */
  over(since: number, error: unknown): void {
    const { peer, target, log } = this;
    const [received, sent] = [this.#up, this.#down];
    const seconds = (performance.now() - since) / 1000;
    const reason = reasonToTell(error);
    const sums = `↑ ${sizeOf(received)}  ↓ ${sizeOf(sent)}`;
    const parts = [`${peer} → ${target}`, sums, formatTime(seconds), ...reason ? [reason] : []];
    const failure = isFailure(error) ? reasonOf(error) : undefined;
    const fields = { peer, address: target, sent, received, seconds, reason, error: failure };
    log.info("closed", parts.join("  "), fields);
  }
}

/** Entries for the connections of one relay. */
export class AccessLog {
  readonly #entries = new Map<number, AccessEntry>();

  /** @param target What stands for the target of a connection that gets none. */
  private constructor(private readonly target: string) {}

  /** The log of a relay to `target`, which may name several; undefined if nobody is to read it. */
  static of({ accessLog }: AccessOptions, log: Log, target: string): AccessLog | undefined {
    if (!log.enabled("info") || !(accessLog || stderrIsTerminal())) return undefined;
    return new AccessLog(target);
  }

  /** The entry of a connection whose handshake is over. */
  open({ id, peer, log }: Accepted): AccessEntry {
    const entry = new AccessEntry(log, peer, this.target);
    this.#entries.set(id, entry);
    return entry;
  }

  /** Logs a connection that is over. A peer that was refused or evicted has an event of its own. */
  over({ id, peer, log, since, error, evicted }: Over): void {
    const entry = this.#entries.get(id) ?? new AccessEntry(log, peer, this.target);
    this.#entries.delete(id);
    if (!evicted && !(error instanceof DeniedError)) entry.over(since, error);
  }
}

/** Formats `5 B`, `1.2 kB`; the few bytes of most connections in a burst without much ado. */
function sizeOf(bytes: number): string {
  return bytes < 1000 ? `${bytes} B` : formatSize(bytes);
}

/** Formats `0.4 ms`, `7 ms`, `1.54 s`, `2:03 min`: below a millisecond little can be told. */
function formatTime(seconds: number): string {
  const ms = seconds * 1000;
  if (ms >= 999.5) return formatSeconds(seconds);
  return `${ms < 0.95 ? Math.max(ms, 0.1).toFixed(1) : Math.round(ms)} ms`;
}

/** A few words on how it ended, if it wasn't by its peers' EOFs. */
function reasonToTell(error: unknown): string | undefined {
  if (error === undefined || error instanceof QuietLeaveError) return undefined;
  return error instanceof CoaxError ? error.reason : reasonOf(error);
}

function isFailure(error: unknown): boolean {
  return error !== undefined && !isQuiet(error);
}

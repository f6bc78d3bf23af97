/** Balances a relay's connections among its targets, those that failed lately last. */
import type { Address } from "../address/address.ts";
import type { Connection } from "../core/duplex.ts";
import { reasonOf } from "../core/errors.ts";
import type { Log } from "../core/log.ts";

export const BALANCES = ["round-robin", "random", "least", "failover"] as const;
export type Balance = (typeof BALANCES)[number];

/** Time for which a target that failed is avoided, milliseconds. */
const PENALTY = 5000;

interface TargetState {
  readonly address: Address;
  /** Number of open connections. */
  active: number;
  /** Until when it is tried after all others, in milliseconds of `now`; 0 while it is up. */
  downUntil: number;
}

export class Targets {
  readonly #targets: readonly TargetState[];
  #turn = 0;
  /** Number of targets that failed when they were tried last. */
  #failed = 0;

  constructor(
    addresses: readonly Address[],
    private readonly balance: Balance,
    private readonly now: () => number = () => performance.now(),
  ) {
    this.#targets = addresses.map((address) => ({ address, active: 0, downUntil: 0 }));
  }

  /**
   * Tries target after target, and resolves with the first connection. Rejects as the last try, or
   * with the first error that `isAnswer` takes for the answer of a target that is up.
   */
  async connect(
    attempt: (address: Address) => Promise<Connection>,
    log: Log,
    isAnswer: (error: unknown, target: Address) => boolean = () => false,
  ): Promise<Connection> {
    let failure: unknown;
    for (const target of this.#order()) {
      target.active++;
      try {
        const connection = await attempt(target.address);
        this.#mark(target, 0, log);
        this.#releaseAtClose(target, connection);
        return connection;
      } catch (error) {
        target.active--;
        if (isAnswer(error, target.address)) {
          this.#mark(target, 0, log);
          throw error;
        }
        failure = error;
        this.#mark(target, this.now() + PENALTY, log, error);
      }
    }
    throw failure;
  }

  /** Counts `connection` until it is closed, where there is a choice to be made by that. */
  #releaseAtClose(target: TargetState, connection: Connection): void {
    const release = () => void target.active--;
    if (this.#targets.length > 1) connection.closed.then(release, release);
    else release();
  }

  /** Sets `downUntil`, and logs a change between up and down. */
  #mark(target: TargetState, downUntil: number, log: Log, error?: unknown): void {
    const wasUp = target.downUntil === 0;
    target.downUntil = downUntil;
    if (wasUp === (downUntil === 0)) return;
    this.#failed += wasUp ? 1 : -1;
    const address = target.address.text;
    // A single target is tried each time, and its failures are logged by the caller.
    const several = this.#targets.length > 1;
    if (wasUp) {
      const text = `${reasonOf(error)}; left alone for ${PENALTY / 1000} s`;
      const fields = { address, error: reasonOf(error) };
      if (several) log.warn("target-down", text, fields);
      else log.debug("target-down", reasonOf(error), fields);
    } else if (several) log.info("target-up", `${address} answers again`, { address });
    else log.debug("target-up", `${address} answers again`, { address });
  }

  /**
   * Targets by preference. Those that failed lately come last, the longest ago first. While none
   * has failed the order is lazy: the first one answers, however many there are.
   */
  #order(): Iterable<TargetState> {
    if (this.#targets.length === 1) return this.#targets;
    if (this.#failed === 0) return this.#prefer(this.#targets);
    const now = this.now();
    const up = this.#targets.filter((target) => target.downUntil <= now);
    const down = this.#targets.filter((target) => target.downUntil > now)
      .sort((a, b) => a.downUntil - b.downUntil);
    return [...this.#prefer(up), ...down];
  }

  #prefer(up: readonly TargetState[]): Iterable<TargetState> {
    switch (this.balance) {
      case "failover":
        return up;
      case "least":
        return [...rotate(up, this.#turn++)].sort((a, b) => a.active - b.active);
      case "random":
        return rotate(up, Math.floor(Math.random() * up.length));
      case "round-robin":
        return rotate(up, this.#turn++);
    }
  }
}

/** All items, from the one that `turns` turns lead to. */
function* rotate<T>(items: readonly T[], turns: number): Generator<T> {
  for (let i = 0; i < items.length; i++) yield items[(turns + i) % items.length]!;
}

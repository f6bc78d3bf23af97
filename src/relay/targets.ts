/** Several targets for one relay: who is next, and who has lately refused. */
import type { Address } from "../address/address.ts";
import type { Connection } from "../core/duplex.ts";
import { reasonOf } from "../core/errors.ts";
import type { Log } from "../core/log.ts";

export const BALANCES = ["round-robin", "random", "least", "failover"] as const;
export type Balance = (typeof BALANCES)[number];

/** A target that refused is left alone for this long, milliseconds. */
const PENALTY = 5000;

interface TargetState {
  readonly address: Address;
  /** Connections that are open. */
  active: number;
  /** Not to be tried before this time, unless nobody else is left. */
  downUntil: number;
}

export class Targets {
  readonly #targets: readonly TargetState[];
  #turn = 0;

  constructor(
    addresses: readonly Address[],
    private readonly balance: Balance,
    private readonly now: () => number = () => performance.now(),
  ) {
    this.#targets = addresses.map((address) => ({ address, active: 0, downUntil: 0 }));
  }

  /**
   * The first connection that `attempt` gets, trying target after target. Rejects as the last
   * attempt did.
   */
  async connect(attempt: (address: Address) => Promise<Connection>, log: Log): Promise<Connection> {
    let failure: unknown;
    for (const target of this.#order()) {
      target.active++;
      try {
        const connection = await attempt(target.address);
        this.#mark(target, 0, log);
        const release = () => void target.active--;
        connection.closed.then(release, release);
        return connection;
      } catch (error) {
        target.active--;
        failure = error;
        this.#mark(target, this.now() + PENALTY, log, error);
      }
    }
    throw failure;
  }

  /** Notes when a target may be tried again, and tells when that is news. */
  #mark(target: TargetState, downUntil: number, log: Log, error?: unknown): void {
    const wasUp = target.downUntil === 0;
    target.downUntil = downUntil;
    if (wasUp === (downUntil === 0)) return;
    const address = target.address.text;
    // A single target is tried every time: its failures are told as they happen.
    const several = this.#targets.length > 1;
    if (wasUp) {
      const text = `${reasonOf(error)}; left alone for ${PENALTY / 1000} s`;
      const fields = { address, error: reasonOf(error) };
      if (several) log.warn("target-down", text, fields);
      else log.debug("target-down", reasonOf(error), fields);
    } else if (several) log.info("target-up", `${address} answers again`, { address });
    else log.debug("target-up", `${address} answers again`, { address });
  }

  /** Targets by preference; those that lately refused come last, the longest ago first. */
  #order(): TargetState[] {
    const now = this.now();
    const up = this.#targets.filter((target) => target.downUntil <= now);
    const down = this.#targets.filter((target) => target.downUntil > now)
      .sort((a, b) => a.downUntil - b.downUntil);
    return [...this.#prefer(up), ...down];
  }

  #prefer(up: TargetState[]): TargetState[] {
    switch (this.balance) {
      case "failover":
        return up;
      case "least":
        return rotate(up, this.#turn++).sort((a, b) => a.active - b.active);
      case "random":
        return rotate(up, Math.floor(Math.random() * up.length));
      case "round-robin":
        return rotate(up, this.#turn++);
    }
  }
}

function rotate<T>(items: readonly T[], turns: number): T[] {
  const start = items.length === 0 ? 0 : turns % items.length;
  return [...items.slice(start), ...items.slice(0, start)];
}

/** Bounds how often a host may be wrong about a secret. */
import { ipOfPeer, prefixOf } from "../address/ip.ts";
import { sleep } from "../core/time.ts";

/** Guesses of one host that may be wrong within the window. */
const MAX_FAILURES = 4;
/** Hosts that are remembered: of more, those are forgotten that were wrong the longest ago. */
const MAX_HOSTS = 10_000;

interface Times {
  /** How long a wrong guess counts, milliseconds. */
  readonly window: number;
  /** How long a guess may wait for its turn, milliseconds. */
  readonly patience: number;
}

interface Host {
  /** When guesses were wrong, in milliseconds of `performance.now()`. */
  readonly failures: number[];
  /** Settles once all guesses before are judged: each may be the last that is allowed. */
  judged: Promise<void>;
  pending: number;
}

export class Attempts {
  readonly #hosts = new Map<string, Host>();

  constructor(private readonly times: Times = { window: 1000, patience: 4000 }) {}

  /**
   * Whether a guess is right. Where its host has been wrong too often, it waits for its turn; it is
   * undefined where that doesn't come in time, and the guess isn't looked at. So a right one behind
   * an address that others share is late, but seldom refused.
   */
  async judge(
    peer: string,
    isRight: () => boolean | Promise<boolean>,
  ): Promise<boolean | undefined> {
    const name = networkOf(peer);
    const host = this.#hosts.get(name) ?? { failures: [], judged: Promise.resolve(), pending: 0 };
    host.pending++;
    // The last ones in the table are those of late.
    this.#hosts.delete(name);
    this.#hosts.set(name, host);
    this.#tidy();
    const latest = performance.now() + this.times.patience;
    const before = host.judged;
    const { promise, resolve } = Promise.withResolvers<void>();
    host.judged = promise;
    await before;
    try {
      return await this.#judgeInTurn(host, latest, isRight);
    } finally {
      resolve();
      host.pending--;
    }
  }

  async #judgeInTurn(
    { failures }: Host,
    latest: number,
    isRight: () => boolean | Promise<boolean>,
  ): Promise<boolean | undefined> {
    const { window } = this.times;
    while (failures.length >= MAX_FAILURES) {
      const wait = failures[0]! + window - performance.now();
      if (wait > Math.max(0, latest - performance.now())) return undefined;
      if (wait > 0) await sleep(wait);
      failures.shift();
    }
    const right = await isRight();
    if (!right) failures.push(performance.now());
    return right;
  }

  /** Forgets hosts that haven't been wrong lately, and the oldest of too many. */
  #tidy(): void {
    const now = performance.now();
    for (const [name, { failures, pending }] of this.#hosts) {
      const isOver = pending === 0 && now - (failures.at(-1) ?? -Infinity) > this.times.window;
      if (!isOver && this.#hosts.size <= MAX_HOSTS) return;
      this.#hosts.delete(name);
    }
  }
}

/** A peer's IPv4 address, or the /64 of its IPv6 address, all of which one host may have. */
function networkOf(peer: string): string {
  const ip = ipOfPeer(peer);
  return ip ? prefixOf(ip, ip.length === 2 ? 32 : 64) : peer.replace(/#\d+$/, "");
}

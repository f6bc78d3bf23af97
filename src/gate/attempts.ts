/** Bounds how often an address may be wrong about the secret. */
import { ipOfPeer, prefixOf } from "../address/ip.ts";

/** Wrong proofs of one address that are judged within `WINDOW`. */
const MAX_FAILURES = 4;
/** Milliseconds. */
const WINDOW = 1000;

interface Record {
  /** When the proofs before were wrong, in milliseconds of `performance.now()`. */
  readonly failures: number[];
  /** Settles once all proofs before are judged: each may be the last that is allowed. */
  judged: Promise<void>;
  pending: number;
}

export class Attempts {
  readonly #records = new Map<string, Record>();

  /**
   * Whether a proof is right; undefined where its address has been wrong too often in the last
   * second, and the proof isn't looked at.
   */
  async judge(peer: string, isRight: () => Promise<boolean>): Promise<boolean | undefined> {
    const host = networkOf(peer);
    let record = this.#records.get(host);
    if (!record) {
      this.#records.set(host, record = { failures: [], judged: Promise.resolve(), pending: 0 });
    }
    const mine = record;
    mine.pending++;
    const before = mine.judged;
    const { promise, resolve } = Promise.withResolvers<void>();
    mine.judged = promise;
    await before;
    try {
      return await judgeOne(mine, isRight);
    } finally {
      resolve();
      mine.pending--;
      this.#tidy();
    }
  }

  /** Forgets addresses that haven't been wrong lately. */
  #tidy(): void {
    const now = performance.now();
    for (const [host, { failures, pending }] of this.#records) {
      if (pending === 0 && now - (failures.at(-1) ?? -Infinity) > WINDOW) {
        this.#records.delete(host);
      }
    }
  }
}

async function judgeOne(
  { failures }: Record,
  isRight: () => Promise<boolean>,
): Promise<boolean | undefined> {
  while (failures.length > 0 && performance.now() - failures[0]! > WINDOW) failures.shift();
  if (failures.length >= MAX_FAILURES) return undefined;
  const right = await isRight();
  if (!right) failures.push(performance.now());
  return right;
}

/** A peer's IPv4 address, or the /64 of its IPv6 address, all of which one host may have. */
function networkOf(peer: string): string {
  const ip = ipOfPeer(peer);
  return ip ? prefixOf(ip, ip.length === 2 ? 32 : 64) : peer.replace(/#\d+$/, "");
}

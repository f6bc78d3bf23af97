/** One source for many readers, each of whom gets all of it from the moment it joined. */
import { deadline } from "./deadlines.ts";
import type { Duplex } from "./duplex.ts";
import { Notifier } from "./notifier.ts";
import { type Membership, TeeMember } from "./tee_member.ts";
import { settledWithin } from "./time.ts";

const BUFFER_SIZE = 64 * 1024;
/** A source that has nothing to say shows it within this time, milliseconds. */
const FIRST_LOOK = 20;

/**
 * Shares what is read from `source` among all who have joined, at the pace of the slowest. Nothing
 * is read while nobody is there, so nothing is lost either. What members write goes to `source`.
 */
export class Tee {
  readonly #members = new Set<TeeMember>();
  /** Members that haven't taken all of the latest piece. The others wait for them. */
  readonly #behind = new Set<TeeMember>();
  readonly #joined = new Notifier();
  readonly #caughtUp = new Notifier();
  readonly #begun = Promise.withResolvers<void>();
  readonly #end = Promise.withResolvers<void>();
  /** Resolves at the source's end, however it came. */
  readonly ended: Promise<void> = this.#end.promise;
  #ended = false;
  #failure: Error | undefined;
  #running = false;
  /** Stops the clock for those who are behind; none while it doesn't run. */
  #stopClock: (() => void) | undefined;
  /** When somebody has last waited for others, in milliseconds of `performance.now()`. */
  #waited = -Infinity;

  /** @param patience How long members may hold up others, milliseconds. */
  constructor(private readonly source: Duplex, private readonly patience = Infinity) {}

  /**
   * Begins to read before anybody has joined: an end that is there from the start is none of any
   * member's then. The first piece waits for who comes first.
   */
  async start(): Promise<void> {
    if (!this.#running) this.#run();
    await settledWithin(this.#begun.promise, FIRST_LOOK);
  }

  /**
   * A new reader. Closing it leaves the source and the other readers alone. One that joins after
   * the source's end hears nothing, and no end either unless it asks for that.
   */
  join(membership: Membership = {}): TeeMember {
    const member: TeeMember = new TeeMember(this.source, membership, {
      left: () => this.#leave(member),
      waited: () => this.#isWaiting(member) ? performance.now() : this.#waited,
    });
    if (membership.deaf) return member;
    if (this.#failure || (this.#ended && membership.hearsEnd)) member.end(this.#failure);
    if (this.#ended) return member;
    this.#members.add(member);
    this.#joined.notify();
    this.#mind();
    if (!this.#running) this.#run();
    return member;
  }

  async #run(): Promise<void> {
    this.#running = true;
    const buffer = new Uint8Array(BUFFER_SIZE);
    try {
      for (;;) {
        const count = await this.source.read(buffer);
        this.#begun.resolve();
        if (count === null) break;
        await this.#offer(buffer.subarray(0, count));
        while (this.#members.size === 0) await this.#joined.wait();
      }
    } catch (error) {
      this.#failure = error as Error;
      this.#begun.resolve();
    }
    this.#ended = true;
    this.#end.resolve();
    for (const member of this.#members) member.end(this.#failure);
  }

  /**
   * Offers `bytes` to all members, or to the first who joins where all have left meanwhile.
   * Resolves once nobody is behind. No await stands between looking for members and the offer.
   */
  async #offer(bytes: Uint8Array): Promise<void> {
    if (bytes.length === 0) return;
    while (this.#members.size === 0) await this.#joined.wait();
    for (const member of this.#members) {
      this.#behind.add(member);
      member.offer(bytes, () => this.#catchUp(member));
    }
    await this.#caughtUp.wait();
  }

  #catchUp(member: TeeMember): void {
    if (!this.#behind.delete(member)) return;
    if (this.#behind.size === 0) this.#caughtUp.notify();
    this.#mind();
  }

  #leave(member: TeeMember): void {
    this.#members.delete(member);
    this.#catchUp(member);
    this.#mind();
  }

  #isWaiting(member: TeeMember): boolean {
    return this.#behind.size > 0 && this.#members.has(member) && !this.#behind.has(member);
  }

  /** The clock runs while somebody has to wait: who holds up nobody may take its time. */
  #mind(): void {
    const held = this.#behind.size > 0 && this.#behind.size < this.#members.size;
    if (held === (this.#stopClock !== undefined)) return;
    if (held) {
      this.#stopClock = this.patience === Infinity ? () => {} : deadline(this.patience, () => {
        for (const member of this.#behind) member.letGo();
      });
    } else {
      this.#waited = performance.now();
      this.#stopClock!();
      this.#stopClock = undefined;
    }
  }
}

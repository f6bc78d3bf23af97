/** Shares one source among many readers: each gets all of it from when it joined. */
import { deadline } from "./deadlines.ts";
import type { Duplex } from "./duplex.ts";
import { Notifier } from "./notifier.ts";
import { type Membership, TeeMember } from "./tee_member.ts";
import { settledWithin } from "./time.ts";

const BUFFER_SIZE = 64 * 1024;
/** Time in which an empty source reaches its EOF, milliseconds. */
const FIRST_READ_WAIT = 20;

/**
 * Offers all that is read from `source` to its members, at the pace of the slowest. Nothing is read
 * while there are none, so that nothing is lost. Members' writes go to `source`.
 */
export class Tee {
  readonly #members = new Set<TeeMember>();
  /** Members that haven't read all of the latest piece. The others wait for them. */
  readonly #behind = new Set<TeeMember>();
  readonly #joined = new Notifier();
  readonly #caughtUp = new Notifier();
  readonly #firstRead = Promise.withResolvers<void>();
  readonly #over = Promise.withResolvers<void>();
  /** Resolves at the source's EOF or failure. */
  readonly over: Promise<void> = this.#over.promise;
  #isOver = false;
  #failure: Error | undefined;
  #running = false;
  /** Cancels the deadline of members that are behind; undefined while none runs. */
  #stopClock: (() => void) | undefined;
  /** When a member last waited for others, in milliseconds of `performance.now()`. */
  #lastWait = -Infinity;

  /** @param patience How long members may hold up others, milliseconds. */
  constructor(private readonly source: Duplex, private readonly patience = Infinity) {}

  /**
   * Reads before anybody has joined, so that an EOF that is there from the start is no member's.
   * The first piece waits for the first member.
   */
  async start(): Promise<void> {
    if (!this.#running) this.#run();
    await settledWithin(this.#firstRead.promise, FIRST_READ_WAIT);
  }

  /**
   * Adds a member. Closing it leaves the source and the other members open. One that joins after
   * the source's EOF receives nothing, and no EOF either unless it `receivesEof`.
   */
  join(membership: Membership = {}): TeeMember {
    const member: TeeMember = new TeeMember(this.source, membership, {
      left: () => this.#leave(member),
      lastWait: () => this.#isWaiting(member) ? performance.now() : this.#lastWait,
    });
    if (membership.writeOnly) return member;
    if (this.#failure || (this.#isOver && membership.receivesEof)) member.stop(this.#failure);
    if (this.#isOver) return member;
    this.#members.add(member);
    this.#joined.notify();
    this.#updateClock();
    if (!this.#running) this.#run();
    return member;
  }

  async #run(): Promise<void> {
    this.#running = true;
    const buffer = new Uint8Array(BUFFER_SIZE);
    try {
      for (;;) {
        const count = await this.source.read(buffer);
        this.#firstRead.resolve();
        if (count === null) break;
        await this.#offer(buffer.subarray(0, count));
        while (this.#members.size === 0) await this.#joined.wait();
      }
    } catch (error) {
      this.#failure = error as Error;
      this.#firstRead.resolve();
    }
    this.#isOver = true;
    this.#over.resolve();
    for (const member of this.#members) member.stop(this.#failure);
  }

  /**
   * Offers `bytes` to all members, or to the next that joins where there are none. Resolves once no
   * member is behind. Nothing is awaited between the look for members and the offer, or the last
   * one could leave in between.
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
    this.#updateClock();
  }

  #leave(member: TeeMember): void {
    this.#members.delete(member);
    this.#catchUp(member);
    this.#updateClock();
  }

  #isWaiting(member: TeeMember): boolean {
    return this.#behind.size > 0 && this.#members.has(member) && !this.#behind.has(member);
  }

  /** Runs the deadline only while somebody waits: a member that holds up nobody may be slow. */
  #updateClock(): void {
    const someoneWaits = this.#behind.size > 0 && this.#behind.size < this.#members.size;
    if (someoneWaits === (this.#stopClock !== undefined)) return;
    if (someoneWaits) {
      this.#stopClock = this.patience === Infinity ? () => {} : deadline(this.patience, () => {
        for (const member of this.#behind) member.evict();
      });
    } else {
      this.#lastWait = performance.now();
      this.#stopClock!();
      this.#stopClock = undefined;
    }
  }
}

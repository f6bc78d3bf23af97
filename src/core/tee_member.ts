/** Who reads from a `Tee`: a stream of its own, which ends when it has heard enough. */
import type { Duplex } from "./duplex.ts";
import { BrokenError } from "./errors.ts";
import { Notifier } from "./notifier.ts";
import { Remainder } from "./remainder.ts";

/** How somebody reads from a `Tee`. */
export interface Membership {
  /** What it is closed with when it has held up the others for too long. */
  readonly late?: () => Error;
  /** Hears nothing of the source, and so holds up nobody. */
  readonly deaf?: boolean;
  /** An end of the source that came before it is an end for this member, too. */
  readonly hearsEnd?: boolean;
}

/** What a member has to do with its tee. */
interface Ties {
  /** It takes nothing more. */
  left(): void;
  waited(): number;
}

export class TeeMember implements Duplex {
  readonly framing = "stream";
  readonly halfClose = true;
  readonly #closed = Promise.withResolvers<Error | void>();
  readonly closed = this.#closed.promise;
  readonly #offer = new Remainder();
  #taken = () => {};
  #interrupt = (_reason: Error) => {};
  #over = false;
  #failure: Error | undefined;
  readonly #changed = new Notifier();

  constructor(
    private readonly source: Duplex,
    private readonly membership: Membership,
    private readonly ties: Ties,
  ) {}

  get peer(): string {
    return this.source.peer;
  }

  /** When it has last waited for others, in milliseconds of `performance.now()`. */
  waited(): number {
    return this.ties.waited();
  }

  /** Calls `taken` once all of `bytes` have been read; until then they must stay as they are. */
  offer(bytes: Uint8Array, taken: () => void): void {
    this.#offer.set(bytes);
    this.#taken = taken;
    this.#changed.notify();
  }

  /** The source has ended, or failed. */
  end(failure?: Error): void {
    if (this.#over) return;
    this.#over = true;
    this.#failure = failure;
    this.#changed.notify();
  }

  /** Hears nothing more: what has been offered can still be read, then comes the end. */
  finish(): void {
    if (this.#over) return;
    this.#offer.detach();
    this.ties.left();
    this.end();
  }

  /** It has held up the others for too long. */
  letGo(): void {
    this.close(this.membership.late?.() ?? new BrokenError("send to", this.peer, "too slow"));
  }

  async read(buffer: Uint8Array): Promise<number | null> {
    while (this.#offer.isEmpty) {
      if (this.#failure) throw this.#failure;
      if (this.#over) return null;
      await this.#changed.wait();
    }
    const count = this.#offer.moveTo(buffer);
    if (this.#offer.isEmpty) this.#taken();
    return count;
  }

  /** The source may hold up all who write: `close` lets go of this one. */
  write(bytes: Uint8Array): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#interrupt = reject;
      this.source.write(bytes).then(resolve, reject);
    });
  }

  closeWrite(): Promise<void> {
    return Promise.resolve();
  }

  close(reason?: Error): void {
    this.#offer.set(new Uint8Array());
    this.ties.left();
    this.end(reason);
    this.#interrupt(reason ?? new BrokenError("send to", this.peer, "already closed"));
    this.#closed.resolve(reason);
  }
}

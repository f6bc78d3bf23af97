/** A member of a `Tee`: a stream of its own that can be closed alone. */
import type { Duplex } from "./duplex.ts";
import { BrokenError } from "./errors.ts";
import { Notifier } from "./notifier.ts";
import { Remainder } from "./remainder.ts";

/** How a member reads from its `Tee`. */
export interface Membership {
  /** Makes the error it is closed with after holding up the others for too long. */
  readonly late?: () => Error;
  /** Receives nothing from the source, and so holds up nobody. */
  readonly writeOnly?: boolean;
  /** Receives the source's EOF also where that came before it joined. */
  readonly receivesEof?: boolean;
}

/** What a member calls on its tee. */
interface TeeHooks {
  /** The member reads nothing more. */
  left(): void;
  readonly lastWait: () => number;
}

export class TeeMember implements Duplex {
  readonly framing = "stream";
  readonly halfClose = true;
  readonly #closed = Promise.withResolvers<Error | void>();
  readonly closed = this.#closed.promise;
  readonly #offer = new Remainder();
  #taken = () => {};
  #interrupt = (_reason: Error) => {};
  #stopped = false;
  #failure: Error | undefined;
  readonly #changed = new Notifier();

  constructor(
    private readonly source: Duplex,
    private readonly membership: Membership,
    private readonly hooks: TeeHooks,
  ) {}

  get peer(): string {
    return this.source.peer;
  }
  get gathers(): boolean | undefined {
    return this.source.gathers;
  }

  /** Returns when it last waited for other members, in milliseconds of `performance.now()`. */
  get lastWait(): () => number {
    return this.hooks.lastWait;
  }

  /** Calls `taken` once all of `bytes` have been read; they must not change until then. */
  offer(bytes: Uint8Array, taken: () => void): void {
    this.#offer.set(bytes);
    this.#taken = taken;
    this.#changed.notify();
  }

  /** Passes on the source's EOF, or its failure. */
  stop(failure?: Error): void {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#failure = failure;
    this.#changed.notify();
  }

  /** Receives nothing more but the rest of the latest offer, and then EOF. */
  finish(): void {
    if (this.#stopped) return;
    this.#offer.detach();
    this.hooks.left();
    this.stop();
  }

  /** Closes it for holding up the others too long. */
  evict(): void {
    this.close(this.membership.late?.() ?? new BrokenError("send to", this.peer, "too slow"));
  }

  async read(buffer: Uint8Array): Promise<number | null> {
    while (this.#offer.isEmpty) {
      if (this.#failure) throw this.#failure;
      if (this.#stopped) return null;
      await this.#changed.wait();
    }
    const count = this.#offer.moveTo(buffer);
    if (this.#offer.isEmpty) this.#taken();
    return count;
  }

  /** Writes to the source. `close` rejects a write that the source holds up. */
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
    this.hooks.left();
    this.stop(reason);
    this.#interrupt(reason ?? new BrokenError("send to", this.peer, "already closed"));
    this.#closed.resolve(reason);
  }
}

/** One source for many readers, each of whom gets all of it from the moment it joins. */
import type { Duplex } from "./duplex.ts";
import { BrokenError } from "./errors.ts";

const BUFFER_SIZE = 64 * 1024;

/**
 * Shares what is read from `source` among all who have joined, at the pace of the slowest. Nothing
 * is read while nobody is there, so nothing is lost either. What members write goes to `source`.
 */
export class Tee {
  readonly #members = new Set<Member>();
  #joined = Promise.withResolvers<void>();
  readonly #end = Promise.withResolvers<void>();
  /** Resolves at the source's end, however it came. */
  readonly ended: Promise<void> = this.#end.promise;
  #ended = false;
  #failure: Error | undefined;
  #running = false;

  constructor(private readonly source: Duplex) {}

  /** A new reader. Closing it leaves the source and the other readers alone. */
  join(): Duplex {
    const member = new Member(this.source, (gone) => this.#members.delete(gone));
    if (this.#ended) {
      member.end(this.#failure);
    } else {
      this.#members.add(member);
      this.#joined.resolve();
      if (!this.#running) this.#run();
    }
    return member;
  }

  async #run(): Promise<void> {
    this.#running = true;
    const buffer = new Uint8Array(BUFFER_SIZE);
    try {
      for (;;) {
        await this.#someone();
        const count = await this.source.read(buffer);
        if (count === null) break;
        await this.#someone(); // They may have left meanwhile: the bytes wait for the next.
        await Promise.all([...this.#members].map((m) => m.offer(buffer.subarray(0, count))));
      }
    } catch (error) {
      this.#failure = error as Error;
    }
    this.#ended = true;
    this.#end.resolve();
    for (const member of this.#members) member.end(this.#failure);
  }

  async #someone(): Promise<void> {
    while (this.#members.size === 0) {
      this.#joined = Promise.withResolvers();
      await this.#joined.promise;
    }
  }
}

class Member implements Duplex {
  readonly framing = "stream";
  readonly halfClose = true;
  readonly #closed = Promise.withResolvers<Error | void>();
  readonly closed = this.#closed.promise;
  #offer: Uint8Array = new Uint8Array();
  #taken = () => {};
  #interrupt = (_reason: Error) => {};
  #over = false;
  #failure: Error | undefined;
  #changed = Promise.withResolvers<void>();

  constructor(
    private readonly source: Duplex,
    private readonly leave: (member: Member) => void,
  ) {}

  get peer(): string {
    return this.source.peer;
  }

  /** Resolves once all of `bytes` have been read, or this member has left. */
  offer(bytes: Uint8Array): Promise<void> {
    if (this.#over || bytes.length === 0) return Promise.resolve();
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#offer = bytes;
    this.#taken = resolve;
    this.#changed.resolve();
    return promise;
  }

  end(failure?: Error): void {
    if (this.#over) return;
    this.#over = true;
    this.#failure = failure;
    this.#taken();
    this.#changed.resolve();
  }

  async read(buffer: Uint8Array): Promise<number | null> {
    while (this.#offer.length === 0) {
      if (this.#failure) throw this.#failure;
      if (this.#over) return null;
      await this.#changed.promise;
      this.#changed = Promise.withResolvers();
    }
    const count = Math.min(buffer.length, this.#offer.length);
    buffer.set(this.#offer.subarray(0, count));
    this.#offer = this.#offer.subarray(count);
    if (this.#offer.length === 0) this.#taken();
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
    this.leave(this);
    this.#offer = new Uint8Array();
    this.end(reason);
    this.#interrupt(reason ?? new BrokenError("send to", this.peer, "already closed"));
    this.#closed.resolve(reason);
  }
}

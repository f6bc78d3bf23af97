/** A connection in memory, which waits as a socket does; tests put wrappers and splices on it. */
import type { Duplex } from "../../src/core/duplex.ts";
import { BrokenError } from "../../src/core/errors.ts";
import { Notifier } from "../../src/core/notifier.ts";
import { Remainder } from "../../src/core/remainder.ts";

/** One direction: a bounded buffer of bytes, with EOF. */
class Pipe {
  readonly #chunks: Remainder[] = [];
  #size = 0;
  #ended = false;
  #failure: Error | undefined;
  readonly #changed = new Notifier();

  constructor(private readonly limit: number) {}

  async read(buffer: Uint8Array): Promise<number | null> {
    while (this.#size === 0) {
      if (this.#failure) throw this.#failure;
      if (this.#ended) return null;
      await this.#changed.wait();
    }
    const chunk = this.#chunks[0]!;
    const count = chunk.moveTo(buffer);
    if (chunk.isEmpty) this.#chunks.shift();
    this.#size -= count;
    this.#changed.notify();
    return count;
  }

  async write(bytes: Uint8Array): Promise<void> {
    let rest = bytes;
    while (rest.length > 0) {
      while (this.#size >= this.limit && !this.#ended) await this.#changed.wait();
      if (this.#failure) throw this.#failure;
      if (this.#ended) throw new BrokenError("send", "memory", "already closed");
      const count = Math.min(rest.length, this.limit - this.#size);
      this.#chunks.push(new Remainder(rest.slice(0, count)));
      this.#size += count;
      rest = rest.subarray(count);
      this.#changed.notify();
    }
  }

  /** Closes the direction; with a failure, the bytes that wait are lost. */
  close(failure?: Error): void {
    this.#ended = true;
    this.#failure ??= failure;
    if (failure) this.#size = this.#chunks.length = 0;
    this.#changed.notify();
  }
}

/**
 * Both sides of one connection in memory; what is written to one is read from the other.
 * @param limit Bytes that a direction holds before its writer waits.
 */
export function memoryPair(limit = 64 * 1024): [Duplex, Duplex] {
  const toServer = new Pipe(limit);
  const toClient = new Pipe(limit);
  return [side("memory:b", toClient, toServer), side("memory:a", toServer, toClient)];
}

function side(peer: string, incoming: Pipe, outgoing: Pipe): Duplex {
  const closed = Promise.withResolvers<Error | void>();
  let done = false;
  return {
    framing: "stream",
    halfClose: true,
    peer,
    closed: closed.promise,
    read: (buffer) => incoming.read(buffer),
    write: (bytes) => outgoing.write(bytes),
    closeWrite() {
      outgoing.close();
      return Promise.resolve();
    },
    close(reason) {
      if (done) return;
      done = true;
      incoming.close(reason);
      outgoing.close(reason);
      closed.resolve(reason);
    },
  };
}

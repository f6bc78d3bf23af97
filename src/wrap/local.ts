/** Small wrappers of our own end, each for one option of `server` and `client`. */
import type { Channel, Duplex, Message } from "../core/duplex.ts";
import { escapeText } from "../core/escape.ts";
import { Remainder } from "../core/remainder.ts";
import { Withholding } from "./withholding.ts";
import { ChannelWrapper, DuplexWrapper } from "./wrapper.ts";

/** Reads `first` before what `end` has to say. */
export function preamble(connection: Duplex, first: Uint8Array): Duplex {
  return first.length > 0 ? new Preamble(connection, new Remainder(first)) : connection;
}

class Preamble extends DuplexWrapper {
  constructor(inner: Duplex, private readonly first: Remainder) {
    super(inner);
  }

  override read(buffer: Uint8Array): Promise<number | null> {
    if (this.first.isEmpty) return this.inner.read(buffer);
    return Promise.resolve(this.first.moveTo(buffer));
  }
}

/** Receives `first` before what `channel` has to say. */
export function preambleMessages(channel: Channel, first: readonly Message[]): Channel {
  const left = [...first];
  return new (class extends ChannelWrapper {
    override receive(): Promise<Message | null> {
      const next = left.shift();
      return next ? Promise.resolve(next) : this.inner.receive();
    }
  })(channel);
}

/** Has nothing to say: its end is there at once. What is written goes through. */
export function withoutInput(connection: Duplex): Duplex {
  return new (class extends DuplexWrapper {
    override read(): Promise<null> {
      return Promise.resolve(null);
    }
  })(connection);
}

/** Says nothing and does not end either, until it is closed. */
export function withSilentInput(connection: Duplex): Duplex {
  return new Waiting(connection);
}

class Waiting extends DuplexWrapper {
  readonly #over = Promise.withResolvers<null>();

  constructor(inner: Duplex) {
    super(inner);
    this.#over.promise.catch(() => {}); // Nobody may be reading.
  }

  override read(): Promise<null> {
    return this.#over.promise;
  }

  override close(reason?: Error): void {
    super.close(reason);
    if (reason) this.#over.reject(reason);
    else this.#over.resolve(null);
  }
}

/** Drops what is written. */
export function withoutOutput(connection: Duplex): Duplex {
  return new (class extends DuplexWrapper {
    override write(): Promise<void> {
      return Promise.resolve();
    }
  })(connection);
}

/**
 * Makes what is written safe for a terminal. A sequence split between two chunks is seen whole,
 * unless they are `messages`, each of which stands for itself.
 */
export function safeForTerminal(connection: Duplex, messages = false): Duplex {
  return new SafeForTerminal(connection, messages);
}

class SafeForTerminal extends Withholding {
  readonly #decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  readonly #encoder = new TextEncoder();

  constructor(inner: Duplex, private readonly messages: boolean) {
    super(inner);
  }

  override write(bytes: Uint8Array): Promise<void> {
    return this.inner.write(this.#safe(this.#decoder.decode(bytes, { stream: !this.messages })));
  }

  protected override rest(): Uint8Array {
    return this.#safe(this.#decoder.decode());
  }

  #safe(text: string): Uint8Array {
    return this.#encoder.encode(escapeText(text));
  }
}

/** Small wrappers, mostly of our own connection to stdin and stdout. */
import type { Channel, Duplex, Message } from "../core/duplex.ts";
import { escapeText } from "../core/escape.ts";
import { Remainder } from "../core/remainder.ts";
import { Withholding } from "./withholding.ts";
import { ChannelWrapper, DuplexWrapper } from "./wrapper.ts";

/** Reads `first` before the bytes of `connection`. */
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

/** Receives `first` before the messages of `channel`. */
export function preambleMessages(channel: Channel, first: readonly Message[]): Channel {
  const left = [...first];
  return new (class extends ChannelWrapper {
    override receive(): Promise<Message | null> {
      const next = left.shift();
      return next ? Promise.resolve(next) : this.inner.receive();
    }
  })(channel);
}

/** Reads EOF at once; writes pass through. */
export function withoutInput(connection: Duplex): Duplex {
  return new (class extends DuplexWrapper {
    override read(): Promise<null> {
      return Promise.resolve(null);
    }
  })(connection);
}

/** Reads nothing, not even EOF, until it is closed; writes pass through. */
export function withSilentInput(connection: Duplex): Duplex {
  return new SilentInput(connection);
}

class SilentInput extends DuplexWrapper {
  readonly #closing = Promise.withResolvers<null>();

  constructor(inner: Duplex) {
    super(inner);
    this.#closing.promise.catch(() => {}); // There may be no reader.
  }

  override read(): Promise<null> {
    return this.#closing.promise;
  }

  override close(reason?: Error): void {
    super.close(reason);
    if (reason) this.#closing.reject(reason);
    else this.#closing.resolve(null);
  }
}

/** Drops what is written; reads pass through. */
export function withoutOutput(connection: Duplex): Duplex {
  return new (class extends DuplexWrapper {
    override write(): Promise<void> {
      return Promise.resolve();
    }
  })(connection);
}

/**
 * Escapes control characters in what is written, for a terminal; CR LF is a line's end. Decodes
 * characters across chunks, unless these are `messages`.
 */
export function safeForTerminal(connection: Duplex, messages = false): Duplex {
  return new SafeForTerminal(connection, messages);
}

class SafeForTerminal extends Withholding {
  /** A carriage return at the end of a chunk: alone, it is shown, and with LF it ends a line. */
  #return = "";
  readonly #decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  readonly #encoder = new TextEncoder();

  constructor(inner: Duplex, private readonly messages: boolean) {
    super(inner);
  }

  override write(bytes: Uint8Array): Promise<void> {
    const text = this.#return + this.#decoder.decode(bytes, { stream: !this.messages });
    const isCut = !this.messages && !this.over && text.endsWith("\r");
    this.#return = isCut ? "\r" : "";
    return this.inner.write(this.#safe(isCut ? text.slice(0, -1) : text));
  }

  protected override rest(): Uint8Array {
    const text = this.#return + this.#decoder.decode();
    this.#return = "";
    return this.#safe(text);
  }

  #safe(text: string): Uint8Array {
    return this.#encoder.encode(escapeText(text.replaceAll("\r\n", "\n")));
  }
}

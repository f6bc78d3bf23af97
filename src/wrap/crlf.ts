/** `--crlf`: LF becomes CR LF in what is sent on, for line protocols that need it. */
import type { Channel, Duplex, Message } from "../core/duplex.ts";
import { Remainder } from "../core/remainder.ts";
import { ChannelWrapper, DuplexWrapper } from "./wrapper.ts";

const LF = 0x0a;
const CR = 0x0d;

/** Converts LF to CR LF in what is read; a CR LF stays as it is, also across chunks. */
export function crlf(connection: Duplex): Duplex {
  return new Crlf(connection);
}

class Crlf extends DuplexWrapper {
  #last: number | undefined;
  /** Converted bytes that don't fit the caller's buffer. */
  readonly #rest = new Remainder();

  override async read(buffer: Uint8Array): Promise<number | null> {
    if (this.#rest.isEmpty) {
      const count = await this.inner.read(buffer);
      if (count === null || count === 0) return count;
      const bytes = buffer.subarray(0, count);
      this.#rest.set(toCrlf(bytes, this.#last));
      this.#last = bytes.at(-1);
    }
    return this.#rest.moveTo(buffer);
  }
}

/** Converts LF to CR LF in what is written; a CR LF stays as it is, also across chunks. */
export function crlfWrites(connection: Duplex): Duplex {
  let last: number | undefined;
  return new (class extends DuplexWrapper {
    override write(bytes: Uint8Array): Promise<void> {
      const converted = toCrlf(bytes, last);
      last = bytes.at(-1) ?? last;
      return this.inner.write(converted);
    }
  })(connection);
}

/** Converts LF to CR LF within each message that is received. */
export function crlfMessages(channel: Channel): Channel {
  return new (class extends ChannelWrapper {
    override async receive(): Promise<Message | null> {
      const message = await this.inner.receive();
      return message && { data: toCrlf(message.data), text: message.text };
    }
  })(channel);
}

/** A copy with CR LF wherever `bytes` have LF without CR; `before` is the byte before them. */
export function toCrlf(bytes: Uint8Array, before?: number): Uint8Array {
  const converted = new Uint8Array(bytes.length * 2);
  let length = 0;
  let last = before;
  for (const byte of bytes) {
    if (byte === LF && last !== CR) converted[length++] = CR;
    converted[length++] = byte;
    last = byte;
  }
  return converted.subarray(0, length);
}

/** What a server says in the clear before TLS. */
import type { Duplex } from "../../core/duplex.ts";
import { BrokenError } from "../../core/errors.ts";
import { escapeLine } from "../../core/escape.ts";

/** Most bytes that a server may send before TLS. */
const LIMIT = 16 * 1024;
/** Longest part of a server's answer that is shown, characters. */
const SHOWN = 120;

/** The server's answers of one dialogue, read as far as the dialogue asks. */
export class ClearInput {
  #bytes = new Uint8Array();
  #total = 0;

  constructor(private readonly stream: Duplex) {}

  /** Bytes that were received and not taken. */
  get rest(): Uint8Array {
    return this.#bytes;
  }

  /** Takes the bytes before index `end(bytes)`, once that is one. */
  async take(end: (bytes: Uint8Array) => number | undefined): Promise<Uint8Array> {
    for (;;) {
      const at = end(this.#bytes);
      if (at !== undefined && at <= this.#bytes.length) {
        const taken = this.#bytes.subarray(0, at);
        this.#bytes = this.#bytes.slice(at);
        return taken;
      }
      await this.#receive();
    }
  }

  /** The next line, without its end. */
  async line(): Promise<string> {
    const bytes = await this.take((all) => {
      const at = all.indexOf(0x0a);
      return at < 0 ? undefined : at + 1;
    });
    return new TextDecoder().decode(bytes).replace(/\r?\n$/, "");
  }

  async #receive(): Promise<void> {
    const buffer = new Uint8Array(1024);
    const count = await this.stream.read(buffer);
    if (count === null) throw new BrokenError("starttls", this.stream.peer, "unexpected end");
    this.#total += count;
    if (this.#total > LIMIT) throw new RefusedDialogue(`more than ${LIMIT} bytes before TLS`);
    const all = new Uint8Array(this.#bytes.length + count);
    all.set(this.#bytes);
    all.set(buffer.subarray(0, count), this.#bytes.length);
    this.#bytes = all;
  }
}

/** The server doesn't go on with TLS. */
export class RefusedDialogue extends Error {
  /** @param said What the server has said, if that explains it. */
  constructor(reason: string, said?: string) {
    super(said === undefined ? reason : `${reason}: ${escapeLine(said.slice(0, SHOWN))}`);
  }
}

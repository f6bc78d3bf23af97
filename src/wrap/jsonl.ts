/** `--frame jsonl`: one JSON object a line, `{"text": …}` or `{"base64": …}`; nothing is lost. */
import type { Message } from "../core/duplex.ts";
import { isMostlyText } from "../core/json.ts";
import type { Codec, Decoder, DecoderOptions } from "./codec.ts";
import { DelimitedDecoder } from "./delimited.ts";

const LF = 0x0a;
/** A byte of text takes at most six (`\u0000`), and one of base64 less. */
const EXPANSION = 6;
/** Room for the braces, the keys and blanks, bytes. */
const AROUND = 1024;

// A byte order mark is part of the message.
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const encoder = new TextEncoder();

export const jsonl: Codec = {
  decoder: (options) => new JsonlDecoder(options),
  encode: (message) => encoder.encode(JSON.stringify(toJson(message)) + "\n"),
};

/** Text where a message is text, or has no type (UDP) and could be; base64 where it is binary. */
function toJson({ data, text }: Message): { text: string } | { base64: string } {
  if (text !== false) {
    try {
      return { text: decoder.decode(data) };
    } catch {
      // Not UTF-8.
    }
  }
  return { base64: data.toBase64() };
}

class JsonlDecoder implements Decoder {
  readonly #lines: DelimitedDecoder;
  #count = 0;

  constructor(private readonly options: DecoderOptions) {
    const longest = options.maxMessage * EXPANSION + AROUND;
    this.#lines = new DelimitedDecoder(LF, { ...options, maxMessage: longest });
  }

  get begun(): number {
    return this.#lines.begun;
  }

  push(chunk: Uint8Array): void {
    this.#lines.push(chunk);
  }

  next(): Message | undefined {
    const line = this.#lines.next();
    return line && this.#parse(line);
  }

  end(): Message | null {
    const line = this.#lines.end();
    return line && this.#parse(line);
  }

  drop(): void {
    this.#lines.drop();
  }

  #parse({ data }: Message): Message {
    const { maxMessage, fail } = this.options;
    this.#count++;
    const message = fromJson(data);
    if (!message) throw fail(`line ${this.#count}: expected {"text": …} or {"base64": …}`);
    if (message.data.length > maxMessage) {
      throw fail(`line ${this.#count}: a message is longer than ${maxMessage} bytes`);
    }
    return message;
  }
}

/** The message that a line stands for, if it is one. Other keys are left alone. */
function fromJson(line: Uint8Array): Message | undefined {
  if (!isMostlyText(line, AROUND)) return undefined;
  try {
    const { text, base64 } = JSON.parse(decoder.decode(line)) as Record<string, unknown>;
    if ((text === undefined) === (base64 === undefined)) return undefined;
    if (typeof base64 === "string") return { data: Uint8Array.fromBase64(base64), text: false };
    // A lone surrogate has no UTF-8.
    if (typeof text !== "string" || !text.isWellFormed()) return undefined;
    return { data: encoder.encode(text), text: true };
  } catch {
    return undefined;
  }
}

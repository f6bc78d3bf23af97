/** `--frame jsonl`: one JSON object a line, `{"text": …}` or `{"base64": …}`. */
import type { Message } from "../core/duplex.ts";
import { isMostlyText } from "../core/json.ts";
import { formatPayload, parsePayload } from "../core/payload.ts";
import type { Codec, Decoder, DecoderOptions } from "./codec.ts";
import { DelimitedDecoder } from "./delimited.ts";

const LF = 0x0a;
/** Most characters for a byte: six in text (`\u0000`), fewer in base64. */
const EXPANSION = 6;
/** Bytes allowed for braces, keys and blanks. */
const OVERHEAD = 1024;

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const encoder = new TextEncoder();

export const jsonl: Codec = {
  decoder: (options) => new JsonlDecoder(options),
  encode: (message) => encoder.encode(JSON.stringify(formatPayload(message)) + "\n"),
};

class JsonlDecoder implements Decoder {
  readonly #lines: DelimitedDecoder;
  #count = 0;

  constructor(private readonly options: DecoderOptions) {
    const longest = options.maxMessage * EXPANSION + OVERHEAD;
    this.#lines = new DelimitedDecoder(LF, { ...options, maxMessage: longest });
  }

  get partial(): number {
    return this.#lines.partial;
  }

  push(chunk: Uint8Array): void {
    this.#lines.push(chunk);
  }

  next(): Message | undefined {
    const line = this.#lines.next();
    return line && this.#parse(line);
  }

  finish(): Message | null {
    const line = this.#lines.finish();
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

/** Parses a line; undefined if it is no message. Other keys are ignored. */
function fromJson(line: Uint8Array): Message | undefined {
  if (!isMostlyText(line, OVERHEAD)) return undefined;
  try {
    return parsePayload(JSON.parse(decoder.decode(line)));
  } catch {
    return undefined;
  }
}

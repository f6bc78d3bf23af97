/** Helpers that talk to a connection, and connections with scripted behaviour. */
import { concat } from "../../src/core/bytes.ts";
import type { Channel, Duplex, Message } from "../../src/core/duplex.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

export const encode = (text: string): Uint8Array<ArrayBuffer> => encoder.encode(text);
export const decode = (bytes: Uint8Array): string => decoder.decode(bytes);

/** Every byte until EOF, read `size` at a time. */
export async function readAll(end: Pick<Duplex, "read">, size = 64 * 1024): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  const buffer = new Uint8Array(size);
  for (let n = await end.read(buffer); n !== null; n = await end.read(buffer)) {
    parts.push(buffer.slice(0, n));
  }
  return concat(parts);
}

/** Exactly `count` bytes. */
export async function readExactly(connection: Duplex, count: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(count);
  for (let at = 0; at < count;) {
    const n = await connection.read(bytes.subarray(at));
    if (n === null) throw new Error(`the end came after ${at} of ${count} bytes`);
    at += n;
  }
  return bytes;
}

/** Sends `text`, half-closes, and resolves with all of the answer. */
export async function ask(connection: Duplex, text: string): Promise<string> {
  await connection.write(encode(text));
  await connection.closeWrite();
  return decode(await readAll(connection));
}

/** A stream that delivers `chunks` and then EOF, and records the calls made on it. */
export class Script implements Duplex {
  readonly framing = "stream";
  readonly halfClose = true;
  readonly peer = "script";
  readonly closed = Promise.resolve();
  readonly written: Uint8Array[] = [];
  writeEnded = false;
  /** Reasons of all calls of `close`. */
  readonly closes: (Error | undefined)[] = [];
  readonly #chunks: Uint8Array[];

  constructor(chunks: readonly (string | Uint8Array)[] = []) {
    this.#chunks = chunks.map((chunk) => typeof chunk === "string" ? encode(chunk) : chunk);
  }

  get text(): string {
    return decode(concat(this.written));
  }

  read(buffer: Uint8Array): Promise<number | null> {
    const chunk = this.#chunks.shift();
    if (!chunk) return Promise.resolve(null);
    const count = Math.min(chunk.length, buffer.length);
    buffer.set(chunk.subarray(0, count));
    if (count < chunk.length) this.#chunks.unshift(chunk.subarray(count));
    return Promise.resolve(count);
  }

  write(bytes: Uint8Array): Promise<void> {
    this.written.push(bytes.slice());
    return Promise.resolve();
  }

  closeWrite(): Promise<void> {
    this.writeEnded = true;
    return Promise.resolve();
  }

  close(reason?: Error): void {
    this.closes.push(reason);
  }
}

/** The same for messages. */
export class MessageScript implements Channel {
  readonly framing = "message";
  readonly halfClose = false;
  readonly peer = "script";
  readonly closed = Promise.resolve();
  readonly sent: Message[] = [];
  writeEnded = false;
  readonly closes: (Error | undefined)[] = [];
  readonly #messages: Message[];

  constructor(messages: readonly Message[] = []) {
    this.#messages = [...messages];
  }

  receive(): Promise<Message | null> {
    return Promise.resolve(this.#messages.shift() ?? null);
  }

  send(message: Message): Promise<void> {
    this.sent.push(message);
    return Promise.resolve();
  }

  closeWrite(): Promise<void> {
    this.writeEnded = true;
    return Promise.resolve();
  }

  close(reason?: Error): void {
    this.closes.push(reason);
  }
}

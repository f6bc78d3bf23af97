/**
 * Frames from a stream, one at a time. The codec parses whatever it is given, so it is given one
 * frame after the other: nothing is read ahead while a message waits, and an announced length is
 * judged before a byte of its payload is stored.
 */
import { buffers } from "../core/buffers.ts";
import type { Duplex, Message } from "../core/duplex.ts";
import { ViolationError } from "./close.ts";
import { type CodecError, type Extensions, Receiver } from "./frames.ts";

/** What a peer says: a whole message, a control frame, or nothing more. */
export type Incoming =
  | { readonly kind: "message"; readonly message: Message }
  | { readonly kind: "ping" | "pong"; readonly data: Uint8Array }
  | { readonly kind: "close"; readonly code: number; readonly reason: string }
  /** The stream ended, with or without a Close before. */
  | { readonly kind: "end" };

export interface ReaderOptions {
  readonly isServer: boolean;
  readonly extensions: Extensions;
  /** Bytes of a whole message. */
  readonly maxMessage: number;
  /** What came behind the handshake. */
  readonly rest: Uint8Array;
}

/** A message in more fragments than this costs more in bookkeeping than in bytes. */
const MAX_FRAGMENTS = 16 * 1024;
/** Flags, length, extended length, mask (RFC 6455 §5.2), bytes. */
const LONGEST_HEADER = 14;
/** A payload up to this size is handed over with its header where both are there, bytes. */
const SMALL = 1024;
/** A payload's memory grows with what has come of it, from this, bytes. */
const FIRST_PAYLOAD = 64 * 1024;

/** Reads one peer's frames. */
export class FrameReader {
  readonly #receiver: Receiver;
  readonly #lease = buffers.lease();
  /** Where the bytes that wait stand in the lease's buffer. */
  #start = 0;
  #end = 0;
  #rest: Uint8Array;
  #incoming: Incoming | undefined;
  #payload: { received: number } | undefined;
  #heard = -Infinity;

  constructor(private readonly source: Duplex, options: ReaderOptions) {
    const { isServer, extensions, maxMessage, rest } = options;
    this.#rest = rest;
    this.#receiver = new Receiver({
      isServer,
      extensions,
      maxPayload: maxMessage,
      maxFragments: MAX_FRAGMENTS,
    });
    this.#listen();
  }

  /** Each frame tells one thing at most. */
  #listen(): void {
    const receiver = this.#receiver;
    receiver.on("message", (bytes, binary) => {
      this.#incoming = { kind: "message", message: { data: plain(bytes), text: !binary } };
    });
    receiver.on("ping", (bytes) => this.#incoming = { kind: "ping", data: plain(bytes) });
    receiver.on("pong", (bytes) => this.#incoming = { kind: "pong", data: plain(bytes) });
    receiver.on("conclude", (code, reason) => {
      this.#incoming = { kind: "close", code, reason: new TextDecoder().decode(reason) };
    });
    receiver.on("error", () => {}); // Told where the frame is written.
  }

  /**
   * The next message or control frame. Rejects with a `ViolationError`, after which only `drain`
   * makes sense, or as the stream does.
   */
  async next(): Promise<Incoming> {
    while (await this.#frame()) {
      const incoming = this.#incoming;
      this.#incoming = undefined;
      if (incoming) return incoming;
    }
    return { kind: "end" };
  }

  /** When something of a message that wasn't whole came last, in `performance.now()`. */
  get heard(): number {
    return this.#heard;
  }

  /** Bytes that have come of a payload that isn't whole yet. */
  get partial(): number {
    return this.#payload?.received ?? 0;
  }

  /** Reads and drops whatever still comes, until the stream's end. */
  async drain(): Promise<void> {
    const buffer = this.#lease.bytes;
    while (await this.source.read(buffer) !== null);
  }

  /** Gives the buffer back. Nothing may be under way. */
  release(): void {
    this.#lease.release();
  }

  /** Hands the codec one frame. False at the stream's end. */
  async #frame(): Promise<boolean> {
    if (!await this.#fill(2)) return false;
    if (isFragment(this.#lease.bytes[this.#start]!)) this.#heard = performance.now();
    const size = headerSize(this.#lease.bytes[this.#start + 1]!);
    let judged = 0; // A bad start is refused before the rest of its header, which may never come.
    if (this.#end - this.#start < size) {
      await this.#feed(this.#lease.bytes.slice(this.#start, this.#start + 2));
      judged = 2;
    }
    if (!await this.#fill(size)) return false;
    const length = this.#payloadLength(this.#lease.bytes.subarray(this.#start, this.#start + size));
    if (length <= SMALL && this.#end - this.#start >= size + length) {
      await this.#feed(this.#take(size + length).subarray(judged));
      return true;
    }
    const header = this.#take(size);
    const key = takeKey(header);
    await this.#feed(header.subarray(judged)); // Refuses what is too long.
    const payload = await this.#readPayload(length);
    if (!payload) return false;
    if (key) unmask(payload, key);
    await this.#feed(payload);
    return true;
  }

  /** The length that a header announces, in the only form it may have (RFC 6455 §5.2). */
  #payloadLength(header: Uint8Array): number {
    const short = header[1]! & 0x7f;
    if (short < 126) return short;
    const view = new DataView(header.buffer, header.byteOffset);
    if (short === 126) {
      const length = view.getUint16(2);
      if (length < 126) throw this.#violation(1002, "a length isn't in its shortest form");
      return length;
    }
    const length = view.getBigUint64(2);
    if (length >> 63n) throw this.#violation(1002, "a length has its highest bit set");
    if (length < 65_536n) throw this.#violation(1002, "a length isn't in its shortest form");
    return Number(length);
  }

  async #readPayload(length: number): Promise<Uint8Array | undefined> {
    const first = this.#take(Math.min(length, this.#end - this.#start));
    if (first.length === length) return first;
    let payload = new Uint8Array(Math.min(length, Math.max(FIRST_PAYLOAD, first.length)));
    payload.set(first);
    const progress = this.#payload = { received: first.length };
    while (progress.received < length) {
      if (progress.received === payload.length) {
        const larger = new Uint8Array(Math.min(length, payload.length * 4));
        larger.set(payload);
        payload = larger;
      }
      const count = await this.#read(payload.subarray(progress.received));
      if (count === null) return undefined;
      progress.received += count;
      this.#heard = performance.now();
    }
    this.#payload = undefined;
    return payload;
  }

  #feed(bytes: Uint8Array): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#receiver.write(bytes, (problem) => {
        if (problem) reject(this.#violation(closeCode(problem), describe(problem), problem));
        else resolve();
      });
    });
  }

  #violation(code: number, reason: string, cause?: Error): ViolationError {
    return new ViolationError(this.source.peer, code, reason, { cause });
  }

  /** A copy of the next `count` bytes in the buffer: the codec keeps and unmasks what it is given. */
  #take(count: number): Uint8Array {
    const taken = this.#lease.bytes.slice(this.#start, this.#start + count);
    this.#start += count;
    return taken;
  }

  /** Reads until at least `count` bytes wait (a header at most). False at the stream's end. */
  async #fill(count: number): Promise<boolean> {
    while (this.#end - this.#start < count) {
      const lease = this.#lease;
      if (this.#start === this.#end) {
        lease.fit(this.#end);
        this.#start = this.#end = 0;
      } else if (lease.bytes.length - this.#start < LONGEST_HEADER) {
        lease.bytes.copyWithin(0, this.#start, this.#end);
        this.#end -= this.#start;
        this.#start = 0;
      }
      const read = await this.#read(lease.bytes.subarray(this.#end));
      if (read === null) return false;
      this.#end += read;
    }
    return true;
  }

  #read(buffer: Uint8Array): Promise<number | null> {
    if (this.#rest.length === 0) return this.source.read(buffer);
    const count = Math.min(buffer.length, this.#rest.length);
    buffer.set(this.#rest.subarray(0, count));
    this.#rest = this.#rest.subarray(count);
    return Promise.resolve(count);
  }
}

/** Whether more frames of the same message follow (RFC 6455 §5.4). */
function isFragment(first: number): boolean {
  return (first & 0x80) === 0;
}

function headerSize(second: number): number {
  const length = second & 0x7f;
  return 2 + (length === 126 ? 2 : length === 127 ? 8 : 0) + (second & 0x80 ? 4 : 0);
}

/**
 * Takes the key out of a masked frame's header and leaves zeros, with which the codec unmasks
 * nothing: byte by byte it would be most of the work of a long message.
 */
function takeKey(header: Uint8Array): Uint8Array | undefined {
  if (!(header[1]! & 0x80)) return undefined;
  const key = header.slice(-4);
  header.fill(0, header.length - 4);
  return key;
}

/** RFC 6455 §5.3, four bytes at a time. */
function unmask(payload: Uint8Array, key: Uint8Array): void {
  const { buffer, byteOffset, length } = payload;
  const words = new Uint32Array(buffer, byteOffset, length >> 2);
  const [word] = new Uint32Array(key.buffer, key.byteOffset, 1);
  for (let i = 0; i < words.length; i++) words[i]! ^= word!;
  for (let i = words.length * 4; i < length; i++) payload[i]! ^= key[i % 4]!;
}

/** Not one of Node's buffers, whose methods differ from those of the class they extend. */
function plain({ buffer, byteOffset, length }: Uint8Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, length);
}

/** The code for our Close (RFC 6455 §7.4.1). */
function closeCode({ code = "" }: CodecError): number {
  switch (code) {
    case "WS_ERR_INVALID_UTF8":
      return 1007;
    case "WS_ERR_UNSUPPORTED_DATA_PAYLOAD_LENGTH":
    case "WS_ERR_UNSUPPORTED_MESSAGE_LENGTH":
    case "ERR_BUFFER_TOO_LARGE": // zlib's, of a message that would be too big inflated.
      return 1009;
    case "WS_ERR_TOO_MANY_BUFFERED_PARTS":
      return 1008;
    default:
      // Everything else is a frame that can't be, or zlib's: compressed data that can't be.
      return code.startsWith("WS_ERR_") ? 1002 : 1007;
  }
}

function describe(problem: CodecError): string {
  if (closeCode(problem) === 1009) return "a message is too big";
  const { message } = problem;
  return message.charAt(0).toLowerCase() + message.slice(1);
}

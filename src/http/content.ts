/** Where a message's content ends on its connection (RFC 9112 §6.3); its bytes are only counted. */
import { HeadError, listOf } from "./head.ts";

export interface Content {
  /** How many of the next bytes belong to it. Throws a `HeadError` for what is no chunk. */
  take(bytes: Uint8Array): number;
}

/** A chunk's line or a trailer that is longer is no such thing, characters. */
const LONGEST_LINE = 16 * 1024;
const CHUNK_LINE = /^([0-9a-f]{1,13})[ \t]*(?:;.*)?\r$/i;
const CRLF = 2;
const LF = 0x0a;

/** The content that a request declares: none where it says nothing. Throws a `HeadError`. */
export function contentOf(headers: Headers): Content {
  const length = headers.get("content-length");
  if (!headers.has("transfer-encoding")) return new Sized(parseLength(length ?? "0"));
  // Two ways to tell the end are how requests are smuggled (RFC 9112 §11.2).
  if (length !== null) throw new HeadError(400, "Content-Length beside Transfer-Encoding");
  const last = listOf(headers, "transfer-encoding").at(-1);
  if (last?.toLowerCase() === "chunked") return new Chunked();
  throw new HeadError(400, "Transfer-Encoding doesn't end with chunked");
}

function parseLength(text: string): number {
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new HeadError(400, "malformed Content-Length");
}

class Sized implements Content {
  constructor(private left: number) {}

  take({ length }: Uint8Array): number {
    const count = Math.min(length, this.left);
    this.left -= count;
    return count;
  }
}

/** Chunks, the last of which is empty, and trailers up to an empty line (RFC 9112 §7.1). */
class Chunked implements Content {
  /** Of a chunk's data and the end of its line. */
  #left = 0;
  #line = "";
  #state: "chunks" | "trailers" | "over" = "chunks";

  take(bytes: Uint8Array): number {
    let at = 0;
    while (at < bytes.length && this.#state !== "over") {
      const data = Math.min(this.#left, bytes.length - at);
      this.#left -= data;
      at += data;
      if (at < bytes.length && this.#left === 0) this.#read(bytes[at++]!);
    }
    return at;
  }

  #read(byte: number): void {
    if (byte !== LF) {
      this.#line += String.fromCharCode(byte);
      if (this.#line.length > LONGEST_LINE) throw new HeadError(400, "malformed chunk");
      return;
    }
    const line = this.#line;
    this.#line = "";
    if (this.#state === "chunks") this.#chunk(line);
    else if (line === "\r") this.#state = "over";
  }

  #chunk(line: string): void {
    const [, size] = CHUNK_LINE.exec(line) ?? [];
    if (size === undefined) throw new HeadError(400, "malformed chunk");
    const length = parseInt(size, 16);
    if (length === 0) this.#state = "trailers";
    else this.#left = length + CRLF;
  }
}

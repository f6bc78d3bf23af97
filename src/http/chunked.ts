/**
 * Chunked coding (RFC 9112 §7.1), parsed strictly: refuses what other parsers may read differently.
 */
import type { Content, OnData } from "./content.ts";
import { FIELD_LINE, HeadError, TOKEN } from "./head.ts";

/** Longest line of a chunk, or sum of all trailers, characters. */
const MAX_LENGTH = 16 * 1024;
const QUOTED =
  '"(?:[\\t\\x20\\x21\\x23-\\x5b\\x5d-\\x7e\\x80-\\xff]|\\\\[\\t\\x20-\\x7e\\x80-\\xff])*"';
const EXTENSION = `[ \\t]*;[ \\t]*${TOKEN}(?:[ \\t]*=[ \\t]*(?:${TOKEN}|${QUOTED}))?`;
const CHUNK_LINE = new RegExp(`^([0-9A-Fa-f]{1,13})(?:${EXTENSION})*$`);
const CR = 0x0d;
const LF = 0x0a;

/** Chunks, the last of which is empty, and trailers up to an empty line. */
export class Chunked implements Content {
  /** What comes next; `crlf` is the line end behind a chunk's data. */
  #next: "size" | "data" | "crlf" | "trailer" | "nothing" = "size";
  /** Bytes left of a chunk's data. */
  #left = 0;
  /** The part of a line received so far. */
  #line = "";
  #trailers: string[] = [];
  #trailersLength = 0;
  #trailerSection: Uint8Array | undefined;

  /** @param withheld Names of trailer fields, in lower case, that aren't handed on. */
  constructor(
    private readonly withheld: ReadonlySet<string> = new Set(),
    private readonly onData?: OnData,
  ) {}

  get done(): boolean {
    return this.#next === "nothing";
  }

  get trailerSection(): Uint8Array | undefined {
    return this.#trailerSection;
  }

  take(bytes: Uint8Array): number {
    let at = 0;
    while (at < bytes.length && this.#next !== "trailer" && !this.done) {
      if (this.#next === "data") at += this.#takeData(bytes.subarray(at));
      else this.#takeByte(bytes[at++]!);
    }
    for (let rest = at; rest < bytes.length && !this.done; rest++) this.#takeByte(bytes[rest]!);
    return at;
  }

  #takeData(bytes: Uint8Array): number {
    const count = Math.min(this.#left, bytes.length);
    this.#left -= count;
    if (this.#left === 0) this.#next = "crlf";
    this.onData?.(bytes.subarray(0, count));
    return count;
  }

  /** Takes a byte of a line; CR is only allowed before LF. */
  #takeByte(byte: number): void {
    if (this.#line.endsWith("\r") !== (byte === LF)) throw malformed();
    if (byte !== LF) {
      this.#line += String.fromCharCode(byte);
      if (this.#line.length + this.#trailersLength > MAX_LENGTH) throw malformed();
      if (this.#next === "crlf" && byte !== CR) throw malformed();
      return;
    }
    const line = this.#line.slice(0, -1);
    this.#line = "";
    this.#takeLine(line);
  }

  #takeLine(line: string): void {
    if (this.#next === "size") this.#begin(line);
    else if (this.#next === "crlf") this.#next = "size";
    else if (line === "") this.#finish();
    else this.#trailer(line);
  }

  #begin(line: string): void {
    const [, size] = CHUNK_LINE.exec(line) ?? [];
    if (size === undefined) throw malformed();
    this.#left = parseInt(size, 16);
    this.#next = this.#left === 0 ? "trailer" : "data";
  }

  #trailer(line: string): void {
    const [, name] = FIELD_LINE.exec(line) ?? [];
    if (name === undefined) throw malformed();
    this.#trailersLength += line.length;
    if (!this.withheld.has(name.toLowerCase())) this.#trailers.push(`${line}\r\n`);
  }

  #finish(): void {
    const text = `${this.#trailers.join("")}\r\n`;
    this.#trailerSection = Uint8Array.from(text, (character) => character.charCodeAt(0));
    this.#next = "nothing";
  }
}

function malformed(): HeadError {
  return new HeadError(400, "malformed chunk");
}

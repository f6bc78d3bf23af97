/**
 * HTTP/1.1 heads over any stream (RFC 9112): read within a bound, parsed strictly, and written.
 * Bytes that were read behind a head are handed on.
 */
import { concat } from "../core/bytes.ts";
import type { Duplex } from "../core/duplex.ts";
import { BrokenError } from "../core/errors.ts";
import { SAID_LIMIT } from "../core/said.ts";
import { HttpError } from "./http_error.ts";

/** A longer head is refused, bytes. */
export const HEAD_LIMIT = 16 * 1024;

/** What is wrong with a head, and the status of a server's answer. */
export class HeadError extends HttpError {
  /** The first bytes of what was received, where `readHead` refused them. */
  received: Uint8Array = new Uint8Array();

  constructor(override readonly status: 400 | 431 | 505, message: string) {
    super(status, message);
  }
}

/** A head as received, without its empty line, and the bytes read behind it. */
export interface RawHead {
  /** One character for each byte. */
  readonly text: string;
  readonly rest: Uint8Array;
}

export interface RequestHead {
  readonly method: string;
  /** As in the request line. */
  readonly target: string;
  /** `1.1` or `1.0`. */
  readonly version: string;
  readonly headers: Headers;
}

export interface ResponseHead {
  /** The whole first line. */
  readonly line: string;
  /** `1.1` or `1.0`. */
  readonly version: string;
  readonly status: number;
  readonly headers: Headers;
}

/** Name and value; names keep their spelling. */
export type Field = readonly [name: string, value: string];

/** A token (RFC 9110 §5.6.2), as part of a regular expression. */
export const TOKEN = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";
const REQUEST_LINE = new RegExp(`^(${TOKEN}) ([\\x21-\\x7e]+) HTTP/(\\d\\.\\d)$`);
/** Any minor version is read as 1.1 (RFC 9110 §2.5); the last space may be missing. */
const STATUS_LINE = /^HTTP\/(1\.\d) (\d{3})(?: [\t\x20-\x7e\x80-\xff]*)?$/;
/**
 * A field's line, with its name and its value. That begins with no blank: if blanks could be on
 * either side, refusing a line would take a time that grows with the square of their number.
 */
export const FIELD_LINE = new RegExp(
  `^(${TOKEN}):[ \\t]*((?:[\\x21-\\x7e\\x80-\\xff][\\t\\x20-\\x7e\\x80-\\xff]*)?)$`,
);

const LF = 0x0a;
const CR = 0x0d;
const TAB = 0x09;
const SPACE = 0x20;

interface ReadOptions {
  /** A longer head is refused, bytes. */
  readonly limit?: number;
  /** Bytes a read; with 1, no byte behind the head is read. */
  readonly readSize?: number;
  /** The start of every such head; anything else is refused at once. */
  readonly start?: string;
}

/**
 * Reads up to the empty line. Resolves with null at EOF before the first byte.
 *
 * Rejects with a `HeadError` as soon as the head is invalid or too long, with a `BrokenError` at
 * EOF inside it. The caller sets a deadline.
 */
export async function readHead(
  source: Duplex,
  { limit = HEAD_LIMIT, readSize = limit, start = "" }: ReadOptions = {},
): Promise<RawHead | null> {
  const buffer = new Uint8Array(limit);
  let length = 0;
  while (length < limit) {
    const count = await source.read(buffer.subarray(length, length + readSize));
    if (count === null && length === 0) return null;
    if (count === null) {
      throw new BrokenError("receive from", source.peer, "ended inside an HTTP head");
    }
    const end = endAmong(buffer.subarray(0, length + count), length, start);
    length += count;
    if (end !== undefined) {
      const text = latin1(buffer.subarray(0, end - "\r\n\r\n".length));
      return { text, rest: buffer.slice(end, length) };
    }
  }
  throw new HeadError(431, `the head is longer than ${limit} bytes`);
}

/** `findHeadEnd` of what was received, whose bytes go with the error that refuses them. */
function endAmong(received: Uint8Array, from: number, start: string): number | undefined {
  try {
    const end = findHeadEnd(received, from, received.length);
    if (start.startsWith(latin1(received.subarray(0, start.length)))) return end;
    throw new HeadError(400, "it doesn't speak HTTP");
  } catch (error) {
    if (error instanceof HeadError) error.received = received.slice(0, SAID_LIMIT);
    throw error;
  }
}

/** The offset behind the empty line, if it is among new bytes. Refuses bytes that no head has. */
function findHeadEnd(bytes: Uint8Array, from: number, to: number): number | undefined {
  for (let at = from; at < to; at++) {
    const byte = bytes[at]!;
    if (byte === LF) {
      if (bytes[at - 1] !== CR) throw new HeadError(400, "a line ends without CR");
      if (bytes[at - 2] === LF && bytes[at - 3] === CR) return at + 1;
    } else if ((byte < 0x20 && byte !== CR && byte !== TAB) || byte === 0x7f) {
      throw new HeadError(400, "a control character stands in the head");
    }
  }
  return undefined;
}

function latin1(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes);
}

/** Parses a request's head (RFC 9112 §3, §5). Throws a `HeadError`. */
export function parseRequest(text: string): RequestHead {
  const [line, ...fields] = text.replace(/^\r\n/, "").split("\r\n");
  const [, method, target, version] = REQUEST_LINE.exec(line!) ?? [];
  if (!method || !target || !version) throw new HeadError(400, "malformed request line");
  if (!version.startsWith("1.")) throw new HeadError(505, "only HTTP/1.1 is spoken here");
  const headers = parseFields(fields);
  if (version !== "1.0" && !headers.has("host")) throw new HeadError(400, "Host is missing");
  if (fields.filter((field) => /^host:/i.test(field)).length > 1) {
    throw new HeadError(400, "Host stands there twice");
  }
  return { method, target, version, headers };
}

/** Parses a response's head (RFC 9112 §4, §5). Throws a `HeadError`. */
export function parseResponse(text: string): ResponseHead {
  const [line, ...fields] = text.split("\r\n");
  const [, version, status] = STATUS_LINE.exec(line!) ?? [];
  if (!version) throw new HeadError(400, "malformed status line");
  return {
    line: withoutBlanks(line!),
    version,
    status: Number(status),
    headers: parseFields(fields),
  };
}

function parseFields(lines: readonly string[]): Headers {
  const headers = new Headers();
  for (const line of lines) {
    const [, name, value] = FIELD_LINE.exec(line) ?? [];
    // Folded lines (RFC 9112 §5.2) and space before the colon (§5.1) have smuggled requests.
    if (name === undefined) throw new HeadError(400, "malformed header field");
    // Several mean one with all of their pairs (RFC 9113 §8.2.3), which no comma separates.
    const before = /^cookie$/i.test(name) ? headers.get(name) : null;
    if (before === null) headers.append(name, withoutBlanks(value!));
    else headers.set(name, `${before}; ${withoutBlanks(value!)}`);
  }
  return headers;
}

/**
 * Text without the blanks around it (OWS, RFC 9110 §5.6.3). What else is a space in Unicode stays:
 * UTF-8 may end with such a byte, and whoever reads a length behind it may not see one.
 */
export function withoutBlanks(text: string): string {
  let [start, end] = [0, text.length];
  while (start < end && isBlank(text.charCodeAt(start))) start++;
  while (end > start && isBlank(text.charCodeAt(end - 1))) end--;
  return text.slice(start, end);
}

function isBlank(byte: number): boolean {
  return byte === SPACE || byte === TAB;
}

/** Whether a list field has a member, in any case: `Connection: keep-alive, Upgrade`. */
export function hasToken(headers: Headers, name: string, token: string): boolean {
  return listOf(headers, name).some((member) => member.toLowerCase() === token);
}

/** The members of a list field (RFC 9110 §5.6.1). */
export function listOf(headers: Headers, name: string): string[] {
  return (headers.get(name) ?? "").split(",").map(withoutBlanks).filter(Boolean);
}

/**
 * A request's head as bytes.
 *
 * @param received Fields of another head, with one character for each byte, as `readHead` has them.
 */
export function formatRequest(
  method: string,
  target: string,
  fields: readonly Field[],
  received: readonly Field[] = [],
): Uint8Array {
  return formatHead(`${method} ${target} HTTP/1.1`, fields, received);
}

/** A response's head as bytes. */
export function formatResponse(
  status: number,
  reason: string,
  fields: readonly Field[],
): Uint8Array {
  return formatHead(`HTTP/1.1 ${status} ${reason}`, fields);
}

/** Throws a `TypeError` for text that would inject another line. */
function formatHead(
  first: string,
  fields: readonly Field[],
  received: readonly Field[] = [],
): Uint8Array {
  const ours = new TextEncoder().encode(`${checked(first)}\r\n${fields.map(lineOf).join("")}`);
  const others = received.map(lineOf).join("") + "\r\n";
  return concat([ours, Uint8Array.from(others, (character) => character.charCodeAt(0))]);
}

function lineOf([name, value]: Field): string {
  return `${checked(`${name}: ${value}`)}\r\n`;
}

function checked(line: string): string {
  if (!/[\0\r\n]/.test(line)) return line;
  throw new TypeError("a line of an HTTP head can't hold CR, LF or NUL");
}

/**
 * What an HTTP proxy does with requests that have a whole URL (RFC 9112 §3.2.2): one to a connection,
 * because the next one may be for somebody else, who would have to be allowed first.
 */
import { concat } from "../core/bytes.ts";
import type { Duplex } from "../core/duplex.ts";
import { BrokenError } from "../core/errors.ts";
import type { Content } from "../http/content.ts";
import { HeadError, parseResponse, readHead, type RequestHead } from "../http/head.ts";
import { preamble } from "../wrap/local.ts";
import { DuplexWrapper } from "../wrap/wrapper.ts";

/** Of a URL without its user: host and port, and what the target calls the rest. */
const URL_PARTS = /^http:\/\/(?:[^@/?]*@)?([^/?]+)(.*)$/i;

/** Fields between a client and its proxy, of no concern to the target (RFC 9110 §7.6.1). */
const HOP_BY_HOP = [
  "connection",
  "proxy-connection",
  "proxy-authorization",
  "keep-alive",
  "upgrade",
];
const LAST = "Connection: close";
/** The one status below 200 that nothing follows (RFC 9110 §15.2.2). */
const SWITCHING = 101;

/** The host and port that a request's URL names; undefined where it isn't one. */
export function authorityOf({ target }: RequestHead): string | undefined {
  return URL_PARTS.exec(target)?.[1];
}

/** A request's head, of which `text` is what came, as its target wants it. */
export function requestFor(text: string, { method, target, version }: RequestHead): Uint8Array {
  const [, authority, rest] = URL_PARTS.exec(target)!;
  const path = rest!.startsWith("/") ? rest : `/${rest}`;
  const fields = without(text.replace(/^\r\n/, ""), [...HOP_BY_HOP, "host"]);
  return bytesOf([`${method} ${path} HTTP/${version}`, `Host: ${authority}`, ...fields, LAST]);
}

/** The lines of a head behind its first one, as they came, without the fields of these names. */
function without(head: string, names: readonly string[]): string[] {
  const [, ...lines] = head.split("\r\n");
  return lines.filter((line) => !names.includes(line.slice(0, line.indexOf(":")).toLowerCase()));
}

/** Lines of one character for each byte, as a head. */
function bytesOf(lines: readonly string[]): Uint8Array {
  return Uint8Array.from(lines.join("\r\n") + "\r\n\r\n", (character) => character.charCodeAt(0));
}

/** The client up to the end of its request's content; what it says later is thrown away. */
export function oneRequest(client: Duplex, content: Content): Duplex {
  return new OneRequest(client, content);
}

class OneRequest extends DuplexWrapper {
  constructor(inner: Duplex, private readonly content: Content) {
    super(inner);
  }

  override async read(buffer: Uint8Array): Promise<number | null> {
    for (;;) {
      const count = await this.inner.read(buffer);
      if (count === null) return null;
      const taken = this.#take(buffer.subarray(0, count));
      if (taken > 0) return taken;
    }
  }

  #take(bytes: Uint8Array): number {
    try {
      return this.content.take(bytes);
    } catch (error) {
      throw notHttp(this.peer, error);
    }
  }
}

/** The target, whose answer tells the client that it is the last one of its connection. */
export function lastAnswer(target: Duplex): Duplex {
  return new LastAnswer(target);
}

class LastAnswer extends DuplexWrapper {
  /** To be handed on. */
  #ready: Uint8Array = new Uint8Array();
  /** What came behind a head that isn't the last. */
  #behind: Uint8Array = new Uint8Array();
  #headless = true;

  override async read(buffer: Uint8Array): Promise<number | null> {
    if (this.#ready.length === 0) {
      if (!this.#headless) return await this.inner.read(buffer);
      if (!await this.#readHead()) return null;
    }
    const count = Math.min(buffer.length, this.#ready.length);
    buffer.set(this.#ready.subarray(0, count));
    this.#ready = this.#ready.subarray(count);
    return count;
  }

  /** Heads that only inform (RFC 9110 §15.2) stand before the one of the answer, and stay. */
  async #readHead(): Promise<boolean> {
    try {
      const raw = await readHead(preamble(this.inner, this.#behind));
      if (!raw) return false;
      const { text, rest } = raw;
      const { status } = parseResponse(text);
      this.#headless = status < 200 && status !== SWITCHING;
      this.#behind = rest;
      const fields = this.#headless ? without(text, []) : [...without(text, HOP_BY_HOP), LAST];
      const head = bytesOf([text.split("\r\n", 1)[0]!, ...fields]);
      this.#ready = this.#headless ? head : concat([head, rest]);
      return true;
    } catch (error) {
      throw notHttp(this.peer, error);
    }
  }
}

function notHttp(peer: string, error: unknown): unknown {
  if (!(error instanceof HeadError)) return error;
  return new BrokenError("receive from", peer, `HTTP: ${error.message}`, { cause: error });
}

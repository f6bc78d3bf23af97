/**
 * One request and its answer, passed on by an HTTP proxy: one to a connection, because the next
 * request may be for somebody else, who would have to be allowed first.
 */
import type { Duplex } from "../core/duplex.ts";
import { BrokenError, ResetError } from "../core/errors.ts";
import { Remainder } from "../core/remainder.ts";
import { formatAnswer, respond } from "../http/answer.ts";
import type { Content } from "../http/content.ts";
import { contentOfAnswer } from "../http/framing.ts";
import { HeadError, type RequestHead } from "../http/head.ts";
import { isInterim, readResponse } from "../http/response.ts";
import { preamble } from "../wrap/local.ts";
import { DuplexWrapper } from "../wrap/wrapper.ts";
import { answerFor, withheldTrailers } from "./http_forward.ts";

/** How far an exchange has come. */
class Exchange {
  /** Whether the client has been told something of the target's answer. */
  begun = false;
  /** Settles once it has got ours instead, because its content is none. */
  refusal: Promise<void> | undefined;
  readonly asked = Promise.withResolvers<void>();
  readonly answered = Promise.withResolvers<void>();
  /** Everything has been said: whatever the target does with its connection, the client's ends. */
  readonly over = Promise.all([this.asked.promise, this.answered.promise]).then(() => {});

  constructor(readonly request: RequestHead) {}
}

/**
 * Both ends of the exchange of `request`, whose head has been passed on. The client's is over after
 * `content`, and what comes behind it is thrown away; the target's is over after its answer.
 */
export function exchange(
  client: Duplex,
  target: Duplex,
  request: RequestHead,
  content: Content,
): [client: Duplex, target: Duplex] {
  const both = new Exchange(request);
  return [new Asking(client, both, content), new Answering(target, both)];
}

/** A message's content on a stream that may go on behind it. */
class ContentReader {
  /** Whether the stream has ended too early. */
  cut = false;
  #tail: Remainder | undefined;

  constructor(private readonly source: Duplex, private readonly content: Content) {}

  /** As of a `Duplex`, up to the content's end. Rejects with a `HeadError` for what is none. */
  async read(buffer: Uint8Array): Promise<number | null> {
    const { content } = this;
    while (!content.done) {
      const count = await this.source.read(buffer);
      if (count === null) {
        this.cut = !content.untilClose;
        return null;
      }
      const taken = content.take(buffer.subarray(0, count));
      if (taken > 0) return taken;
    }
    this.#tail ??= new Remainder(content.tail);
    return this.#tail.moveTo(buffer) || null;
  }
}

class Asking extends DuplexWrapper {
  readonly #reader: ContentReader;

  constructor(inner: Duplex, private readonly exchange: Exchange, content: Content) {
    super(inner);
    this.#reader = new ContentReader(inner, content);
  }

  override async read(buffer: Uint8Array): Promise<number | null> {
    const count = await this.#reader.read(buffer).catch((error) => this.#refuse(error));
    if (count !== null) return count;
    this.exchange.asked.resolve();
    while (!this.#reader.cut && await this.inner.read(buffer) !== null);
    return null;
  }

  /** Tells the client what is wrong with its content, unless an answer is on its way already. */
  async #refuse(error: unknown): Promise<never> {
    if (!(error instanceof HeadError) || this.exchange.begun) throw notHttp(this.peer, error);
    const { status, message } = error;
    const { method } = this.exchange.request;
    this.exchange.refusal = respond(this.inner, method, { status, body: `${message}\n` });
    await this.exchange.refusal;
    throw notHttp(this.peer, error);
  }
}

class Answering extends DuplexWrapper {
  /** To be handed on. */
  readonly #ready = new Remainder();
  /** What came behind a head that isn't the last. */
  #behind: Uint8Array = new Uint8Array();
  #reader: ContentReader | undefined;
  /** What comes after that. */
  #failure: unknown;

  constructor(inner: Duplex, private readonly exchange: Exchange) {
    super(inner);
  }

  override get readerGone(): Promise<void> {
    return this.exchange.over;
  }

  override async read(buffer: Uint8Array): Promise<number | null> {
    const count = await this.#next(buffer);
    if (this.exchange.refusal) return await this.exchange.refusal.then(() => null);
    this.exchange.begun ||= count !== null;
    return count;
  }

  async #next(buffer: Uint8Array): Promise<number | null> {
    while (this.#ready.isEmpty) {
      if (this.#failure) throw this.#failure;
      if (this.#reader) return await this.#readContent(this.#reader, buffer);
      await this.#readHead().catch((error) => this.#fail(error));
    }
    return this.#ready.moveTo(buffer);
  }

  async #readContent(reader: ContentReader, buffer: Uint8Array): Promise<number | null> {
    const count = await reader.read(buffer).catch((error) => {
      throw notHttp(this.peer, error);
    });
    if (reader.cut) {
      throw new BrokenError("receive from", this.peer, "HTTP: ended inside the content");
    }
    if (count === null) this.exchange.answered.resolve();
    return count;
  }

  /** Heads that only inform stand before the one of the answer, and none in HTTP/1.0. */
  async #readHead(): Promise<void> {
    const { method, version } = this.exchange.request;
    const response = await readResponse(preamble(this.inner, this.#behind));
    if (!response) throw new BrokenError("receive from", this.peer, "ended without an answer");
    const { text, head, rest } = response;
    if (head.status === 101) throw new HeadError(400, "it switches to what nobody asked for");
    if (isInterim(head)) {
      this.#behind = rest;
      if (version === "1.0") return;
    } else {
      const content = contentOfAnswer(method, head, withheldTrailers(head.headers));
      this.#reader = new ContentReader(preamble(this.inner, rest), content);
    }
    this.#ready.set(answerFor(text, head));
  }

  /** Instead of an answer that there isn't, the client gets ours, before everything ends. */
  #fail(error: unknown): void {
    this.#failure = notHttp(this.peer, error);
    if (!(this.#failure instanceof BrokenError) || this.#failure instanceof ResetError) return;
    const answer = { status: 502, body: `${this.#failure.message}\n` };
    this.#ready.set(formatAnswer(this.exchange.request.method, answer));
  }
}

function notHttp(peer: string, error: unknown): unknown {
  if (!(error instanceof HeadError)) return error;
  return new BrokenError("receive from", peer, `HTTP: ${error.message}`, { cause: error });
}

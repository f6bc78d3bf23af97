/**
 * One request and its answer, relayed by an HTTP proxy. A connection carries one only: the next
 * request could be for another target, which would have to be allowed first.
 */
import type { Duplex } from "../core/duplex.ts";
import { AnsweredError, BrokenError, ResetError } from "../core/errors.ts";
import { Remainder } from "../core/remainder.ts";
import { formatAnswer, respond } from "../http/answer.ts";
import type { Content } from "../http/content.ts";
import { contentOfAnswer } from "../http/framing.ts";
import { HeadError, type RequestHead } from "../http/head.ts";
import { isInterim, readResponse } from "../http/response.ts";
import { preamble } from "../wrap/local.ts";
import { DuplexWrapper } from "../wrap/wrapper.ts";
import { answerFor, withheldTrailers } from "./http_forward.ts";

/** The state of an exchange. */
class Exchange {
  /** Whether bytes of the target's answer were passed on. */
  answerStarted = false;
  /** Settles once our own answer was sent instead, for invalid content of the request. */
  refusal: Promise<void> | undefined;
  readonly requestDone = Promise.withResolvers<void>();
  readonly answerDone = Promise.withResolvers<void>();
  /** Request and answer are complete: the client's connection closes, whatever the target does. */
  readonly done = Promise.all([this.requestDone.promise, this.answerDone.promise]).then(() => {});

  constructor(readonly request: RequestHead) {}
}

/**
 * Both connections of the exchange of `request`, whose head was sent to the target already. The
 * client's yields `content`, then EOF, and drops the rest; the target's yields its answer, then
 * EOF.
 */
export function exchange(
  client: Duplex,
  target: Duplex,
  request: RequestHead,
  content: Content,
): [client: Duplex, target: Duplex] {
  const state = new Exchange(request);
  return [new RequestSide(client, state, content), new AnswerSide(target, state)];
}

/** Reads a message's content from a stream that may go on behind it. */
class ContentReader {
  /** Whether EOF came inside the content. */
  truncated = false;
  #trailers: Remainder | undefined;

  constructor(private readonly source: Duplex, private readonly content: Content) {}

  /** Reads as a `Duplex` does, up to the end of the content. Rejects with a `HeadError`. */
  async read(buffer: Uint8Array): Promise<number | null> {
    const { content } = this;
    while (!content.done) {
      const count = await this.source.read(buffer);
      if (count === null) {
        this.truncated = !content.untilClose;
        return null;
      }
      const taken = content.take(buffer.subarray(0, count));
      if (taken > 0) return taken;
    }
    this.#trailers ??= new Remainder(content.trailerSection);
    return this.#trailers.moveTo(buffer) || null;
  }
}

/** The client's connection: yields the request's content. */
class RequestSide extends DuplexWrapper {
  readonly #reader: ContentReader;

  constructor(inner: Duplex, private readonly exchange: Exchange, content: Content) {
    super(inner);
    this.#reader = new ContentReader(inner, content);
  }

  override async read(buffer: Uint8Array): Promise<number | null> {
    const count = await this.#reader.read(buffer).catch((error) => this.#refuse(error));
    if (count !== null) return count;
    this.exchange.requestDone.resolve();
    while (!this.#reader.truncated && await this.inner.read(buffer) !== null);
    return null;
  }

  /** Answers invalid content with an error, unless the target's answer was started. */
  async #refuse(error: unknown): Promise<never> {
    if (!(error instanceof HeadError) || this.exchange.answerStarted) {
      throw asBrokenHttp(this.peer, error);
    }
    const { status, message } = error;
    const { method } = this.exchange.request;
    this.exchange.refusal = respond(this.inner, method, { status, body: `${message}\n` });
    await this.exchange.refusal;
    throw answered(asBrokenHttp(this.peer, error));
  }
}

/** The target's connection: yields the answer. */
class AnswerSide extends DuplexWrapper {
  /** Bytes of heads to be read next. */
  readonly #heads = new Remainder();
  /** Bytes read behind an interim head. */
  #rest: Uint8Array = new Uint8Array();
  #reader: ContentReader | undefined;
  /** The error to reject with once `#heads` is empty. */
  #failure: unknown;

  constructor(inner: Duplex, private readonly exchange: Exchange) {
    super(inner);
  }

  override get readerGone(): Promise<void> {
    return this.exchange.done;
  }

  override async read(buffer: Uint8Array): Promise<number | null> {
    const count = await this.#next(buffer);
    if (this.exchange.refusal) return await this.exchange.refusal.then(() => null);
    this.exchange.answerStarted ||= count !== null;
    return count;
  }

  async #next(buffer: Uint8Array): Promise<number | null> {
    while (this.#heads.isEmpty) {
      if (this.#failure) throw this.#failure;
      if (this.#reader) return await this.#readContent(this.#reader, buffer);
      await this.#readHead().catch((error) => this.#fail(error));
    }
    return this.#heads.moveTo(buffer);
  }

  async #readContent(reader: ContentReader, buffer: Uint8Array): Promise<number | null> {
    const count = await reader.read(buffer).catch((error) => {
      throw asBrokenHttp(this.peer, error);
    });
    if (reader.truncated) {
      throw new BrokenError("receive from", this.peer, "HTTP: ended inside the content");
    }
    if (count === null) this.exchange.answerDone.resolve();
    return count;
  }

  /** Reads an interim head, which an HTTP/1.0 client doesn't get, or the final one. */
  async #readHead(): Promise<void> {
    const { method, version } = this.exchange.request;
    const response = await readResponse(preamble(this.inner, this.#rest));
    if (!response) throw new BrokenError("receive from", this.peer, "ended without an answer");
    const { text, head, rest } = response;
    if (head.status === 101) throw new HeadError(400, "it switches to what nobody asked for");
    if (isInterim(head)) {
      this.#rest = rest;
      if (version === "1.0") return;
    } else {
      const content = contentOfAnswer(method, head, withheldTrailers(head.headers));
      this.#reader = new ContentReader(preamble(this.inner, rest), content);
    }
    this.#heads.set(answerFor(text, head));
  }

  /** Answers with 502 in place of a missing answer, before the error closes everything. */
  #fail(error: unknown): void {
    this.#failure = asBrokenHttp(this.peer, error);
    if (!(this.#failure instanceof BrokenError) || this.#failure instanceof ResetError) return;
    const answer = { status: 502, body: `${this.#failure.message}\n` };
    this.#failure = answered(this.#failure);
    this.#heads.set(formatAnswer(this.exchange.request.method, answer));
  }
}

/** The error of an exchange that an answer of ours has ended. */
function answered(error: unknown): unknown {
  if (!(error instanceof BrokenError)) return error;
  const { stage, address, reason } = error;
  return new AnsweredError(stage, address, reason, { cause: error });
}

function asBrokenHttp(peer: string, error: unknown): unknown {
  if (!(error instanceof HeadError)) return error;
  return new BrokenError("receive from", peer, `HTTP: ${error.message}`, { cause: error });
}

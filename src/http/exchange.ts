/** One request and its response on one connection, by a function from `Request` to `Response`. */
import { onAbort, orAbort } from "../core/abort.ts";
import { drain } from "../core/drain.ts";
import type { Duplex } from "../core/duplex.ts";
import { TimeoutError } from "../core/errors.ts";
import { settledWithin, withTimeout } from "../core/time.ts";
import { tap } from "../wrap/tap.ts";
import { HttpError } from "./http_error.ts";
import { readRequest, type ReceivedRequest, type RequestRules, webRequest } from "./request.ts";
import { sendResponse } from "./send_response.ts";

export interface ExchangeOptions extends RequestRules {
  /** Answers a request. Its signal aborts when the peer has gone, and with `stop`. */
  readonly fetch: (request: Request) => Response | Promise<Response>;
  /** The response to a request that is refused, or to one that `fetch` failed on (500). */
  readonly refusal: (error: HttpError) => Response;
  /**
   * Aborts the requests' signals, so that responses without an end come to one. A request that
   * isn't read yet is dropped.
   */
  readonly stop: AbortSignal;
  /** Called when a request has been read. */
  readonly established: () => void;
  /** Time for the whole request, milliseconds. */
  readonly requestTimeout: number;
  /** Time for `fetch`, milliseconds. */
  readonly fetchTimeout: number;
  /** Time for the peer to take each piece of the response, milliseconds. */
  readonly writeTimeout: number;
}

/** What happened, for a log. */
export interface Outcome {
  readonly method?: string;
  readonly target?: string;
  readonly status: number;
  /** Why it was refused, or what `fetch` has thrown. */
  readonly error?: unknown;
}

/** Time for a peer to close after its response, milliseconds. */
const PEER_CLOSE_WAIT = 1000;

/**
 * Reads a request, sends its response and closes. Resolves with undefined where the peer has sent
 * nothing at all (browsers connect ahead). Rejects with a `CoaxError` when the connection breaks.
 */
export async function exchange(
  stream: Duplex,
  options: ExchangeOptions,
): Promise<Outcome | undefined> {
  const one = new Exchange(stream, options);
  try {
    const outcome = await one.run();
    await one.finish();
    return outcome;
  } catch (error) {
    stream.close(error as Error);
    throw error;
  }
}

class Exchange {
  readonly #gone = new AbortController();
  readonly #stream: Duplex;
  #heard = false;
  /** Kept as long as it is answered: the runtime forgets its signal's listeners with it. */
  #request: Request | undefined;
  /** Settles when nothing is read any more. */
  #reading: Promise<unknown> = Promise.resolve();

  constructor(stream: Duplex, private readonly options: ExchangeOptions) {
    this.#stream = tap(stream, { received: () => this.#heard = true });
  }

  async run(): Promise<Outcome | undefined> {
    let request: ReceivedRequest | null;
    try {
      request = await this.#read();
    } catch (error) {
      if (!(error instanceof HttpError)) throw error;
      return this.#heard ? await this.#refuse(error) : undefined;
    }
    if (!request) return undefined;
    this.options.established();
    this.#reading = this.#watch();
    const { method, target } = request;
    const outcome = await this.#answer(request);
    return { method, target, ...outcome };
  }

  /** Closes at the peer's EOF or after a second: with bytes unread it would be a reset. */
  async finish(): Promise<void> {
    await this.#stream.closeWrite();
    const drained = this.#reading.catch(() => {}).then(() => drain(this.#stream));
    await settledWithin(drained, PEER_CLOSE_WAIT);
    this.#stream.close();
  }

  #read(): Promise<ReceivedRequest | null> {
    const { requestTimeout, stop } = this.options;
    const late = () => new HttpError(408, `no whole request within ${requestTimeout / 1000} s`);
    const reading = readRequest(this.#stream, this.options);
    this.#reading = reading;
    const inTime = withTimeout(reading, requestTimeout, late);
    return orAbort(stop, inTime, () => stop.reason);
  }

  /** Reads on, to notice that the peer has gone. Its EOF is no such sign: it may half-close. */
  async #watch(): Promise<void> {
    try {
      await drain(this.#stream);
    } catch (error) {
      this.#gone.abort(error);
    }
  }

  async #answer(request: ReceivedRequest): Promise<Outcome> {
    const { stop } = this.options;
    const over = new AbortController();
    using _ = onAbort(stop, () => over.abort(stop.reason));
    using __ = onAbort(this.#gone.signal, () => over.abort(this.#gone.signal.reason));
    let response: Response;
    try {
      response = await this.#fetch(request, over.signal);
    } catch (error) {
      const known = error instanceof HttpError;
      const shown = known ? error : new HttpError(500, "internal error");
      return { ...await this.#refuse(shown, request), error };
    }
    await this.#send(response, request);
    return { status: response.status };
  }

  async #fetch(request: ReceivedRequest, signal: AbortSignal): Promise<Response> {
    const { fetch, fetchTimeout } = this.options;
    const late = () => new HttpError(503, `not done within ${fetchTimeout / 1000} s`);
    this.#request = webRequest(request, signal);
    const answering = Promise.resolve(fetch(this.#request));
    return await withTimeout(answering, fetchTimeout, late, ({ body }) => void body?.cancel());
  }

  async #refuse(
    error: HttpError,
    asked: { method: string; version: string } = { method: "GET", version: "1.1" },
  ): Promise<Outcome> {
    await this.#send(this.options.refusal(error), asked);
    return { status: error.status, error };
  }

  #send(response: Response, asked: { method: string; version: string }): Promise<void> {
    const { writeTimeout } = this.options;
    const late = () =>
      new TimeoutError("send to", this.#stream.peer, `takes nothing for ${writeTimeout / 1000} s`);
    const write = (bytes: Uint8Array) => withTimeout(this.#stream.write(bytes), writeTimeout, late);
    return sendResponse(write, response, asked, this.#gone.signal);
  }
}

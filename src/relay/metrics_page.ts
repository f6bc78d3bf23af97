/** `/metrics` over HTTP, one request per connection. */
import type { Duplex } from "../core/duplex.ts";
import { TimeoutError } from "../core/errors.ts";
import { withTimeout } from "../core/time.ts";
import { type Answer, respond } from "../http/answer.ts";
import { HeadError, parseRequest, readHead, type RequestHead } from "../http/head.ts";
import { forbidden, type OriginRule } from "../http/origin.ts";

/** The media type of Prometheus' text format. */
const CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";

interface ScrapeOptions {
  /** Hosts and origins that may read the metrics. */
  readonly rule: OriginRule;
  /** Time for the request, milliseconds. */
  readonly timeout: number;
}

/** Answers one request with the text of `render`. Rejects with a `TimeoutError` without one. */
export async function answerScrape(
  stream: Duplex,
  render: () => string,
  { rule, timeout }: ScrapeOptions,
): Promise<void> {
  const late = () =>
    new TimeoutError("handshake", stream.peer, `no request for ${timeout / 1000} s`);
  try {
    const head = await withTimeout(readHead(stream), timeout, late);
    if (!head) return stream.close();
    const request = parseRequest(head.text);
    await respond(stream, request.method, answerTo(request, rule, render));
  } catch (error) {
    if (!(error instanceof HeadError)) {
      stream.close(error as Error);
      throw error;
    }
    await respond(stream, "GET", { status: error.status, body: `${error.message}\n` });
  }
}

function answerTo(head: RequestHead, rule: OriginRule, render: () => string): Answer {
  const { method, target } = head;
  const why = forbidden(head, rule);
  if (why) return { status: 403, body: `${why}\n` };
  if (target.split("?", 1)[0] !== "/metrics") {
    return { status: 404, body: "the metrics are at /metrics\n" };
  }
  if (method !== "GET" && method !== "HEAD") {
    return { status: 405, body: "only GET\n", headers: [["Allow", "GET, HEAD"]] };
  }
  return { status: 200, body: render(), headers: [["Content-Type", CONTENT_TYPE]] };
}

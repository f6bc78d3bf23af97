/** Reads the answer to a request of ours. */
import type { Duplex } from "../core/duplex.ts";
import { preamble } from "../wrap/local.ts";
import { HeadError, parseResponse, type RawHead, readHead, type ResponseHead } from "./head.ts";

/** An answer's head as received and parsed, and the bytes read behind it. */
interface Response extends RawHead {
  readonly head: ResponseHead;
}

/** Most interim responses before an answer. */
const MAX_INTERIM = 100;
const SWITCHING = 101;

/** Whether this is an interim response, so that another head follows (RFC 9110 §15.2). */
export function isInterim({ status }: ResponseHead): boolean {
  return status >= 100 && status < 200 && status !== SWITCHING;
}

/**
 * Reads the final head, and skips interim ones. With a `readSize` of 1, no byte behind it is read.
 * Resolves with null, or rejects, as `readHead` does.
 */
export async function readAnswer(source: Duplex, readSize?: number): Promise<Response | null> {
  let input = source;
  for (let interim = 0; interim <= MAX_INTERIM; interim++) {
    const response = await readResponse(input, readSize);
    if (!response || !isInterim(response.head)) return response;
    input = preamble(source, response.rest);
  }
  throw new HeadError(400, `more than ${MAX_INTERIM} interim responses`);
}

/** Reads one head, interim or final. Resolves with null, or rejects, as `readHead` does. */
export async function readResponse(source: Duplex, readSize?: number): Promise<Response | null> {
  const raw = await readHead(source, { readSize, start: "HTTP/" });
  return raw && { ...raw, head: parseResponse(raw.text) };
}

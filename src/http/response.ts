/** The answer to a request of ours. */
import type { Duplex } from "../core/duplex.ts";
import { preamble } from "../wrap/local.ts";
import { HeadError, parseResponse, type RawHead, readHead, type ResponseHead } from "./head.ts";

/** An answer's head as it came and as it is meant, and what came behind it. */
interface Response extends RawHead {
  readonly head: ResponseHead;
}

/** More heads that only inform than anyone has a use for. */
const MOST_INTERIM = 100;
const SWITCHING = 101;

/** Whether another head follows: it only informs, and is no answer yet (RFC 9110 §15.2). */
export function isInterim({ status }: ResponseHead): boolean {
  return status >= 100 && status < 200 && status !== SWITCHING;
}

/**
 * Reads the head that answers, and passes over those that only inform. With `atATime` of 1, no byte
 * behind it is taken. Resolves with null, or rejects, as `readHead` does.
 */
export async function readAnswer(source: Duplex, atATime?: number): Promise<Response | null> {
  let from = source;
  for (let interim = 0; interim <= MOST_INTERIM; interim++) {
    const response = await readResponse(from, atATime);
    if (!response || !isInterim(response.head)) return response;
    from = preamble(source, response.rest);
  }
  throw new HeadError(400, `more than ${MOST_INTERIM} interim responses`);
}

/**
 * Reads one head of an answer, of whichever kind. Resolves with null, or rejects, as `readHead`
 * does.
 */
export async function readResponse(source: Duplex, atATime?: number): Promise<Response | null> {
  const raw = await readHead(source, { atATime, begins: "HTTP/" });
  return raw && { ...raw, head: parseResponse(raw.text) };
}

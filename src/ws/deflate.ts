/**
 * permessage-deflate (RFC 7692), each message on its own: neither side keeps its window from one
 * message to the next. A connection then holds no compressor's memory, a message's length says
 * nothing about the one before, and one call of zlib does it (its streams can't be trusted with
 * data that can't be inflated: on Deno 2.7.11 that ends the process).
 */
import { constants, deflateRawSync, inflateRawSync } from "node:zlib";
import { concat } from "../core/bytes.ts";
import { type Deflate, extension, type Extensions, type Parameters } from "./frames.ts";

const NAME = "permessage-deflate";

/** What a flush leaves at the end, and a message goes without (RFC 7692 §7.2.1). */
const TRAILER = Uint8Array.of(0x00, 0x00, 0xff, 0xff);

/** The largest window, as the power of two that it is in bytes. */
const MAX_WINDOW = 15;

class MessageDeflate implements Deflate {
  /** Of the message that is coming: what was compressed, not yet inflated. */
  #parts: Uint8Array[] = [];
  readonly params = {};

  /**
   * @param maxMessage Bytes of an inflated message.
   * @param window What the peer can take, as a power of two.
   */
  constructor(private readonly maxMessage: number, private readonly window: number) {}

  compress(data: Uint8Array, _fin: boolean, done: (problem: null, result: Uint8Array) => void) {
    const level = 3; // Half the gain for a fifth of the time.
    const finishFlush = constants.Z_SYNC_FLUSH;
    const flushed = deflateRawSync(data, { finishFlush, level, windowBits: this.window });
    done(null, flushed.subarray(0, -TRAILER.length));
  }

  decompress(
    data: Uint8Array,
    fin: boolean,
    done: (problem: Error | null, result?: Uint8Array) => void,
  ) {
    this.#parts.push(data);
    if (!fin) return queueMicrotask(() => done(null, new Uint8Array()));
    const whole = concat([...this.#parts, TRAILER]);
    this.#parts = [];
    let problem: Error | null = null;
    let inflated: Uint8Array | undefined;
    try {
      inflated = inflateRawSync(whole, {
        finishFlush: constants.Z_SYNC_FLUSH,
        maxOutputLength: this.maxMessage,
      });
    } catch (error) {
      problem = error as Error;
    }
    queueMicrotask(() => done(problem, inflated)); // The codec takes no answer before it has asked.
  }
}

/** A client's offer: the header's value, and what to make of the answer. */
export interface Offer {
  readonly header: string;
  /** Takes the server's `Sec-WebSocket-Extensions`; throws for anything that wasn't offered. */
  settle(answer: string | null): Extensions;
}

/** What a client offers. */
export function offerDeflate(maxMessage: number): Offer {
  return {
    header: `${NAME}; server_no_context_takeover; client_no_context_takeover`,
    settle(answer) {
      if (answer === null) return {};
      const { [NAME]: accepted = [], ...others } = extension.parse(answer);
      const unknown = Object.keys(others)[0];
      if (unknown !== undefined) throw new Error(`the extension ${unknown} was not asked for`);
      const [parameters, ...more] = accepted.map(readParameters);
      // We could only follow a server that forgets its window, and a client's was not offered.
      if (!parameters?.serverForgets || parameters.clientWindow !== undefined || more.length > 0) {
        throw new Error(`${NAME} is not accepted as it was offered`);
      }
      return { [NAME]: new MessageDeflate(maxMessage, MAX_WINDOW) };
    },
  };
}

/**
 * What a server answers to a client's offers: its header's value, if it accepts one of them. Throws
 * for a header that can't be read.
 */
export function acceptDeflate(
  offers: string | null,
  maxMessage: number,
): { header?: string; extensions: Extensions } {
  const offered = offers === null ? [] : extension.parse(offers)[NAME] ?? [];
  const accepted = offered.map(readParameters).find((parameters) => parameters !== undefined);
  if (!accepted) return { extensions: {} };
  const { serverWindow } = accepted;
  const window = serverWindow === undefined ? "" : `; server_max_window_bits=${serverWindow}`;
  return {
    header: `${NAME}; server_no_context_takeover; client_no_context_takeover${window}`,
    extensions: { [NAME]: new MessageDeflate(maxMessage, serverWindow ?? MAX_WINDOW) },
  };
}

/** An offer's or an answer's parameters (RFC 7692 §7.1) as far as they matter here. */
interface Agreed {
  serverForgets: boolean;
  serverWindow?: number;
  clientWindow?: number;
}

/** Nothing for parameters that make no sense, or that zlib can't follow: such an offer is declined. */
function readParameters(parameters: Parameters): Agreed | undefined {
  const agreed: Agreed = { serverForgets: false };
  for (const [name, [value, ...more]] of Object.entries(parameters)) {
    const bits = typeof value === "string" && /^([89]|1[0-5])$/.test(value) ? +value : undefined;
    if (more.length > 0) return undefined;
    if (name === "server_no_context_takeover" && value === true) agreed.serverForgets = true;
    else if (name === "client_no_context_takeover" && value === true) continue;
    // zlib has no raw window of 2^8.
    else if (name === "server_max_window_bits" && bits && bits > 8) agreed.serverWindow = bits;
    else if (name === "client_max_window_bits" && (value === true || bits)) {
      agreed.clientWindow = bits ?? MAX_WINDOW;
    } else return undefined;
  }
  return agreed;
}

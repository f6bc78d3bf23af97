/** Agreeing on permessage-deflate in the opening handshake (RFC 7692 §5, §7.1). */
import { Deflate } from "./deflate.ts";
import { extension, type Extensions, type Parameters } from "./frames.ts";

const NAME = "permessage-deflate";

/** A client's offer: the header's value, and what to make of the answer. */
export interface Offer {
  readonly header: string;
  /** Takes the server's `Sec-WebSocket-Extensions`; throws for anything that wasn't offered. */
  settle(answer: string | null): Extensions;
}

/**
 * What a client offers: a server that forgets its window after each message, which costs us nothing
 * to follow, or else one that doesn't.
 */
export function offerDeflate(maxMessage: number): Offer {
  const rest = "client_no_context_takeover; client_max_window_bits";
  return {
    header: `${NAME}; server_no_context_takeover; ${rest}, ${NAME}; ${rest}`,
    settle(answer) {
      if (answer === null) return {};
      const { [NAME]: accepted = [], ...others } = extension.parse(answer);
      const unknown = Object.keys(others)[0];
      if (unknown !== undefined) throw new Error(`the extension ${unknown} was not asked for`);
      const [agreed, ...more] = accepted.map(readParameters);
      // An answer says how far we may refer back; only an offer leaves it open (§7.1.2.2).
      if (!agreed || agreed.clientWindow === "any" || more.length > 0) {
        throw new Error(`${NAME} is not accepted as it was offered`);
      }
      const takeover = !agreed.serverForgets;
      return { [NAME]: new Deflate({ maxMessage, window: agreed.clientWindow, takeover }) };
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
    extensions: { [NAME]: new Deflate({ maxMessage, window: serverWindow }) },
  };
}

/** What an offer's or an answer's parameters say (§7.1), as far as we aren't the same to all. */
interface Agreed {
  serverForgets: boolean;
  /** How far a server may refer back, as a power of two. */
  serverWindow?: number;
  /** The same of a client; `any`: it can be told. */
  clientWindow?: number | "any";
}

/** Nothing for parameters that make no sense: such an offer is declined, such an answer refused. */
function readParameters(parameters: Parameters): Agreed | undefined {
  const agreed: Agreed = { serverForgets: false };
  for (const [name, [value, ...more]] of Object.entries(parameters)) {
    const window = readWindow(value!);
    if (more.length > 0) return undefined;
    if (name === "server_no_context_takeover" && value === true) agreed.serverForgets = true;
    else if (name === "client_no_context_takeover" && value === true) continue;
    else if (name === "server_max_window_bits" && window) agreed.serverWindow = window;
    else if (name === "client_max_window_bits" && (value === true || window)) {
      agreed.clientWindow = window ?? "any";
    } else return undefined;
  }
  return agreed;
}

/** A number from 8 to 15, without leading zeros (§7.1.2.1). */
function readWindow(value: string | true): number | undefined {
  return value !== true && /^(?:[89]|1[0-5])$/.test(value) ? Number(value) : undefined;
}

/** Agreeing on permessage-deflate in the opening handshake (RFC 7692 §5, §7.1). */
import { Deflate } from "./deflate.ts";
import { type Parameter, parseExtensions } from "./extensions.ts";

const NAME = "permessage-deflate";

/** A client's offer: the header's value, and what to make of the answer. */
export interface Offer {
  readonly header: string;
  /**
   * Takes the members of the server's `Sec-WebSocket-Extensions`; nothing if it accepts nothing.
   * Throws a plain `Error` for anything that wasn't offered.
   */
  settle(answer: readonly string[]): Deflate | undefined;
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
      const accepted = parseExtensions(answer);
      if (accepted.length === 0) return undefined;
      const unknown = accepted.find(({ name }) => name !== NAME);
      if (unknown) throw new Error(`the extension ${unknown.name} was not asked for`);
      const agreed = readParameters(accepted[0]!.parameters);
      // An answer says how far we may refer back; only an offer leaves it open (§7.1.2.2).
      if (!agreed || agreed.clientWindow === "any" || accepted.length > 1) {
        throw new Error(`${NAME} is not accepted as it was offered`);
      }
      const takeover = !agreed.serverForgets;
      return new Deflate({ maxMessage, window: agreed.clientWindow, takeover });
    },
  };
}

/**
 * What a server answers to a client's offers, the members of its header: its own header's value, if
 * it accepts one of them. Throws a plain `Error` for a header that can't be read.
 */
export function acceptDeflate(
  offers: readonly string[],
  maxMessage: number,
): { header?: string; deflate?: Deflate } {
  const accepted = parseExtensions(offers)
    .filter(({ name }) => name === NAME)
    .map(({ parameters }) => readParameters(parameters))
    .find((agreed) => agreed !== undefined);
  if (!accepted) return {};
  const { serverWindow } = accepted;
  const window = serverWindow === undefined ? "" : `; server_max_window_bits=${serverWindow}`;
  return {
    header: `${NAME}; server_no_context_takeover; client_no_context_takeover${window}`,
    deflate: new Deflate({ maxMessage, window: serverWindow }),
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
function readParameters(parameters: readonly Parameter[]): Agreed | undefined {
  const agreed: Agreed = { serverForgets: false };
  if (new Set(parameters.map(([name]) => name)).size < parameters.length) return undefined;
  for (const [name, value] of parameters) {
    const window = readWindow(value);
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

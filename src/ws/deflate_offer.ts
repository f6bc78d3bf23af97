/** Agreeing on permessage-deflate in the opening handshake (RFC 7692 §5, §7.1). */
import { Deflate } from "./deflate.ts";
import { type Parameter, parseExtensions } from "./extensions.ts";

const NAME = "permessage-deflate";

/** A client's offer: the header's value, and how its answer is read. */
export interface Offer {
  readonly header: string;
  /**
   * Reads the members of the server's `Sec-WebSocket-Extensions`; undefined if it accepts nothing.
   * Throws a plain `Error` for anything that wasn't offered.
   */
  settle(answer: readonly string[]): Deflate | undefined;
}

/**
 * A client's offer: first a server without context takeover, which needs no memory here, then one
 * with it.
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
      // An answer gives client_max_window_bits a value; only an offer may lack it (§7.1.2.2).
      if (!agreed || agreed.clientWindow === "any" || accepted.length > 1) {
        throw new Error(`${NAME} is not accepted as it was offered`);
      }
      const takeover = !agreed.serverNoTakeover;
      return new Deflate({ maxMessage, window: agreed.clientWindow, takeover });
    },
  };
}

/**
 * Accepts the first valid offer of a client's header, given as its members; `header` is the value
 * of the server's. Throws a plain `Error` for a malformed header.
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

/** The parameters of an offer or an answer (§7.1) on which our side depends. */
interface DeflateParameters {
  serverNoTakeover: boolean;
  /** The server's window in bytes, as a power of two. */
  serverWindow?: number;
  /** The client's; `any` in an offer that leaves it to the server. */
  clientWindow?: number | "any";
}

/** Undefined for invalid parameters: such an offer is declined, such an answer refused. */
function readParameters(parameters: readonly Parameter[]): DeflateParameters | undefined {
  const agreed: DeflateParameters = { serverNoTakeover: false };
  if (new Set(parameters.map(([name]) => name)).size < parameters.length) return undefined;
  for (const [name, value] of parameters) {
    const window = readWindow(value);
    if (name === "server_no_context_takeover" && value === true) agreed.serverNoTakeover = true;
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

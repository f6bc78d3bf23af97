/** Agreeing on permessage-deflate (RFC 7692 §5), as client and as server. */
import { Deflate, extension, type Extensions } from "./frames.ts";

const NAME = "permessage-deflate";

/**
 * Neither side keeps its window between messages: a connection then holds no compressor's memory
 * hostage to the next message, and one message's secrets don't show in another one's length.
 */
function deflate(isServer: boolean, maxPayload: number): Deflate {
  return new Deflate({
    isServer,
    maxPayload,
    serverNoContextTakeover: true,
    clientNoContextTakeover: true,
    zlibDeflateOptions: { level: 3, memLevel: 7 },
  });
}

/** A client's offer: the header's value, and what to make of the answer. */
export interface Offer {
  readonly header: string;
  /** Takes the server's `Sec-WebSocket-Extensions`; throws for anything that wasn't offered. */
  settle(answer: string | null): Extensions;
}

/** What a client offers. */
export function offerDeflate(maxMessage: number): Offer {
  const offered = deflate(false, maxMessage);
  return {
    header: extension.format({ [NAME]: offered.offer() }),
    settle(answer) {
      if (answer === null) return {};
      const { [NAME]: accepted, ...others } = extension.parse(answer);
      const unknown = Object.keys(others)[0];
      if (unknown !== undefined) throw new Error(`the extension ${unknown} was not asked for`);
      if (accepted?.length !== 1) throw new Error(`${NAME} is accepted twice`);
      offered.accept(accepted);
      return { [NAME]: offered };
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
  const given = offers === null ? undefined : extension.parse(offers)[NAME];
  if (!given) return { extensions: {} };
  const accepted = deflate(true, maxMessage);
  try {
    const header = extension.format({ [NAME]: accepted.accept(given) });
    return { header, extensions: { [NAME]: accepted } };
  } catch {
    return { extensions: {} }; // An offer that makes no sense is declined (RFC 7692 §5.1).
  }
}

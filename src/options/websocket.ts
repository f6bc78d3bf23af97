/** Options of WebSocket addresses, mapped to those of the transports. */
import { MAX_MESSAGE } from "../core/limits.ts";
import { custom, defaultTo, group, type OptionsOf, repeated } from "../flags/flag.ts";
import { count, duration, positiveDuration } from "../flags/kinds.ts";
import { parseSize } from "../flags/values.ts";
import { parseField, parseToken } from "../http/field.ts";
import { needing } from "../flags/needs.ts";
import { parseOrigin } from "../http/origin.ts";
import type { ClientOptions, VisitorOptions } from "../ws/client.ts";
import { type Close, parseClose } from "../ws/close.ts";
import type { ServerOptions } from "../ws/server.ts";
import type { Complete } from "./complete.ts";
import { longMessages, originsChecked, webSocketSomewhere, webSocketTo } from "./needs.ts";

export const HEADING = "WebSocket";

/** Largest message: it is one piece of memory, and zlib counts its bytes in 31 bits. */
const LARGEST = "2047MiB";

/**
 * The flag `--max-message`.
 *
 * @param standard The default, as a size.
 * @param largest The largest value, as a size.
 * @param more What the help says besides.
 */
export function maxMessageOf(standard: string, largest = LARGEST, more = "") {
  const parse = (text: string) => {
    const size = parseSize(text);
    if (size < 1 || size > parseSize(largest)) throw new Error(`expected 1 byte to ${largest}`);
    return size;
  };
  const help = "refuse longer messages, with close code 1009";
  return defaultTo(custom(help + more, parse, { value: "SIZE" }), standard);
}

/** Options of both dialled and listening WebSockets. */
const commonFlags = group(HEADING, {
  ...needing(webSocketSomewhere, {
    protocol: repeated(
      custom("speak this subprotocol; repeatable, the best first", parseToken, { value: "NAME" }),
    ),
    ping: positiveDuration("ask the peer this often whether it is still there"),
    pingTimeout: duration("end with status 5 when a ping isn't answered within this time"),
    close: custom("close with this code instead of 1000", parseClose, { value: "CODE[:REASON]" }),
  }),
  ...needing(longMessages, {
    maxMessage: maxMessageOf(
      `${MAX_MESSAGE / 2 ** 20}MiB`,
      LARGEST,
      "; bytes without a frame are cut to it",
    ),
  }),
});

export const wsDialFlags = {
  ...group(
    HEADING,
    needing(webSocketTo, {
      header: repeated(
        custom("send this header field; repeatable", parseField, {
          short: "H",
          value: "'NAME: VALUE'",
        }),
      ),
      origin: custom("send this Origin", parseOrigin, { value: "URL" }),
      follow: defaultTo(count("follow at most this many redirects at the handshake", 0), "0"),
    }),
  ),
  ...commonFlags,
};

export const wsListenFlags = {
  ...commonFlags,
  ...group(
    HEADING,
    needing(originsChecked, {
      allowOrigin: custom(
        "hosts and origins beside our own that may connect, read --metrics or ask the control",
        (text: string) => text.split(",").map(parseOrigin),
        { value: "LIST" },
      ),
    }),
  ),
};

/** Options that only one command's WebSockets have. */
export interface WsPerCommand extends Pick<ServerOptions, "serves" | "http" | "deferred"> {
  /** Subprotocols that are preferred to those of `--protocol`. */
  readonly protocols?: readonly string[];
}

/** Maps the options of a dialled WebSocket. */
export function wsDialOptions(
  options: OptionsOf<typeof wsDialFlags>,
): Complete<Omit<ClientOptions, keyof VisitorOptions>> & Pick<ClientOptions, "protocols"> {
  const { header, origin, follow } = options;
  return { ...channelOptions(options), headers: header, origin, follow };
}

/** Maps the options of a listening WebSocket. */
export function wsListenOptions(
  options: OptionsOf<typeof wsListenFlags>,
  { protocols = [], serves, http, deferred }: WsPerCommand,
): Complete<ServerOptions> {
  const { allowOrigin } = options;
  const common = channelOptions(options);
  const perCommand = { serves, http, deferred };
  return { ...common, protocols: [...protocols, ...common.protocols], allowOrigin, ...perCommand };
}

function channelOptions(
  { protocol, ping, pingTimeout, close, maxMessage }: OptionsOf<typeof commonFlags>,
) {
  return { protocols: protocol, ping, pingTimeout, close: close as Close | undefined, maxMessage };
}

/** The options of WebSocket addresses, and how transports are told about them. */
import { MAX_MESSAGE } from "../core/limits.ts";
import { custom, defaultTo, duration, group, type OptionsOf, repeated } from "../flags/flag.ts";
import { parseSize } from "../flags/values.ts";
import { parseField, parseToken } from "../http/field.ts";
import { needing } from "../flags/needs.ts";
import { parseOrigin } from "../http/origin.ts";
import type { ClientOptions } from "../ws/client.ts";
import { type Close, parseClose } from "../ws/close.ts";
import type { ServerOptions } from "../ws/server.ts";
import type { Complete } from "./complete.ts";
import { longMessages, originsChecked, webSocketSomewhere, webSocketTo } from "./needs.ts";

export const HEADING = "WebSocket";

/** A message is one piece of memory, and zlib counts its bytes in 31 bits. */
const LARGEST = "2047MiB";

/**
 * `--max-message`.
 *
 * @param standard What it is where it isn't given.
 * @param largest What it can be.
 */
export function maxMessageOf(standard: string, largest = LARGEST) {
  const parse = (text: string) => {
    const size = parseSize(text);
    if (size < 1 || size > parseSize(largest)) throw new Error(`expected 1 byte to ${largest}`);
    return size;
  };
  const help = "refuse longer messages, with close code 1009";
  return defaultTo(custom(help, parse, { value: "SIZE" }), standard);
}

/** Of both sides. */
const common = group(HEADING, {
  ...needing(webSocketSomewhere, {
    protocol: repeated(
      custom("speak this subprotocol; repeatable, the best first", parseToken, { value: "NAME" }),
    ),
    ping: duration("ask the peer this often whether it is still there"),
    pingTimeout: duration("end with status 5 when a ping isn't answered within this time"),
    close: custom("close with this code instead of 1000", parseClose, { value: "CODE[:REASON]" }),
  }),
  ...needing(longMessages, {
    maxMessage: maxMessageOf(`${MAX_MESSAGE / 2 ** 20}MiB`),
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
    }),
  ),
  ...common,
};

export const wsListenFlags = {
  ...common,
  ...group(
    HEADING,
    needing(originsChecked, {
      allowOrigin: custom(
        "hosts and origins beside our own that may connect, or read --metrics",
        (text: string) => text.split(",").map(parseOrigin),
        { value: "LIST" },
      ),
    }),
  ),
};

/** What only this command's WebSockets have. */
export interface WsPerCommand extends Pick<ServerOptions, "serves" | "http"> {
  /** Subprotocols that go before those of `--protocol`. */
  readonly protocols?: readonly string[];
}

/** What a dialled WebSocket is told. */
export function wsDialOptions(options: OptionsOf<typeof wsDialFlags>): Complete<ClientOptions> {
  const { header, origin } = options;
  return { ...channelOptions(options), headers: header, origin };
}

/** What a listening WebSocket is told. */
export function wsListenOptions(
  options: OptionsOf<typeof wsListenFlags>,
  { protocols = [], serves, http }: WsPerCommand,
): Complete<ServerOptions> {
  const { allowOrigin } = options;
  const told = channelOptions(options);
  return { ...told, protocols: [...protocols, ...told.protocols], allowOrigin, serves, http };
}

function channelOptions(
  { protocol, ping, pingTimeout, close, maxMessage }: OptionsOf<typeof common>,
) {
  return { protocols: protocol, ping, pingTimeout, close: close as Close | undefined, maxMessage };
}

/** The options of WebSocket addresses, and how transports are told about them. */
import { custom, defaultTo, duration, group, type OptionsOf, repeated } from "../flags/flag.ts";
import { parseSize } from "../flags/values.ts";
import { parseField, parseToken } from "../flags/http.ts";
import { needing } from "../flags/needs.ts";
import { parseOrigin } from "../http/origin.ts";
import type { DialOptions, ListenOptions } from "../transports/mod.ts";
import { type Close, parseClose } from "../ws/close.ts";
import type { ServerOptions } from "../ws/server.ts";
import { longMessages, originsChecked, webSocketSomewhere, webSocketTo } from "./needs.ts";

const HEADING = "WebSocket";

/** The frame codec counts in 31 bits, and takes 0 for no limit. */
function parseMessageSize(text: string): number {
  const size = parseSize(text);
  if (size < 1 || size >= 2 ** 31) throw new Error("expected 1 byte to 2047MiB");
  return size;
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
    maxMessage: defaultTo(
      custom("refuse longer messages, with close code 1009", parseMessageSize, { value: "SIZE" }),
      "16MiB",
    ),
  }),
});

export const wsConnecting = {
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

export const wsListening = {
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

/** What was asked for, and what the command itself answers. */
export type WsListenOptions =
  & OptionsOf<typeof wsListening>
  & Pick<ServerOptions, "serves" | "http">;

type CommonOptions = OptionsOf<typeof common>;

/** What a dialled WebSocket is told. */
export function dialOptions(options: OptionsOf<typeof wsConnecting>): DialOptions["ws"] {
  const { header, origin } = options;
  return { ...channelOptions(options), headers: header, origin };
}

/** What a listening WebSocket is told. */
export function listenOptions(options: WsListenOptions): ListenOptions["ws"] {
  const { allowOrigin, serves, http } = options;
  return { ...channelOptions(options), allowOrigin, serves, http };
}

function channelOptions({ protocol, ping, pingTimeout, close, maxMessage }: CommonOptions) {
  return { protocols: protocol, ping, pingTimeout, close: close as Close | undefined, maxMessage };
}

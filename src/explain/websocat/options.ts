/** websocat's options (1.9 to 1.14), and their effects. */
import { adds, Draft, lacks, notes, nothing, sendsOnly, sets, takes } from "../effects.ts";
import type { Effect, OptionTable } from "../options.ts";

/** websocat's command line, as its options fill it in. */
export class WebsocatDraft extends Draft {
  server = false;
  once = false;
  binary = false;
  direction?: "right" | "left";
  args?: readonly string[];
  /** Options for connecting to a WebSocket, and for accepting. */
  readonly dialOptions: string[] = [];
  readonly listenOptions: string[] = [];
}

const dials =
  (option: string, before = "", after = ""): Effect<WebsocatDraft> => ({ dialOptions }, value) =>
    void dialOptions.push(option, before + value + after);

export const WEBSOCAT_OPTIONS: OptionTable<WebsocatDraft> = {
  "-s --server-mode": sets("server"),
  "--oneshot": sets("once"),
  "-t --text": nothing,
  "-b --binary": sets("binary"),
  "-u --unidirectional": sendsOnly("right"),
  "-U --unidirectional-reverse": sendsOnly("left"),
  "-v": adds("-v"),
  "-q": adds("-q"),
  "-k --insecure": ({ dialOptions }) => void dialOptions.push("--insecure"),
  "-E --exit-on-eof": notes(
    "coax ends with the peer on a terminal; --eof peer does it in any case",
  ),
  "-n --no-close": notes("coax stays for --linger after the end of stdin, then sends Close 1000"),
  "-0 --null-terminated": adds("--frame", "nul"),
  "-B --buffer-size=": takes("--max-message"),
  "-H --header=": dials("-H"),
  "--basic-auth=": ({ dialOptions, notes }, value) => {
    dialOptions.push("-H", `Authorization: Basic ${value}`);
    notes.push(
      "--basic-auth: coax takes the header as it is; websocat encodes user:password in newer versions",
    );
  },
  "--protocol=": dials("--protocol"),
  "--origin=": dials("--origin"),
  "--tls-domain=": dials("--server-name"),
  "--socks5=": dials("--via", "socks5://"),
  "--ping-interval=": dials("--ping", "", "s"),
  "--ping-timeout=": dials("--ping-timeout", "", "s"),
  "--server-protocol=": ({ listenOptions }, value) => void listenOptions.push("--protocol", value),
  "--conncap=": ({ listenOptions }, value) => void listenOptions.push("-m", value),
  "--restrict-uri=": lacks("put the path in the address instead: ws://PORT/path"),
  "--pkcs12-der=": notes("coax takes --cert FILE --key FILE in PEM, or --self-signed"),
  "--pkcs12-passwd=": nothing,
  "--unlink": notes("coax replaces a socket that nobody serves, and never a live one"),
  "-1 --one-message": lacks("an end after one message"),
  "--max-messages=": lacks("an end after so many messages"),
  "--max-messages-rev=": lacks("an end after so many messages"),
  "-S --strict": lacks("dropping lines that are too long"),
  "-e --set-environment": notes(
    "coax always sets COAX_PEER, COAX_LOCAL, COAX_ID, COAX_PATH and COAX_QUERY",
  ),
  "--jsonrpc": lacks("JSON-RPC"),
  "--base64": lacks("Base64; --frame jsonl tells binary messages apart"),
  "--text-prefix=": lacks("prefixes"),
  "--binary-prefix=": lacks("prefixes"),
  "-F --static-file=": lacks("serving files"),
  "--server-header=": lacks("headers of the answer"),
  "--autoreconnect-delay-millis=": lacks("reconnecting; --retry is for the first connection"),
};

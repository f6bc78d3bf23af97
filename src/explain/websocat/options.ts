/** websocat's options (1.9 to 1.14), and what becomes of each. */
import type { OptionTable } from "../options.ts";

/** websocat's command line, as its options fill it in. */
export class WebsocatDraft {
  server = false;
  once = false;
  binary = false;
  direction?: "right" | "left";
  args?: readonly string[];
  /** For a connection to a WebSocket, for one that is accepted, and for both. */
  readonly dialing: string[] = [];
  readonly serving: string[] = [];
  readonly options: string[] = [];
  readonly notes: string[] = [];
}

type Effect = (draft: WebsocatDraft, value: string, option: string) => void;

const lacks = (what: string): Effect => ({ notes }, value, option) =>
  void notes.push(
    `${[option, value].filter(Boolean).join(" ")} (${what}) has no counterpart in coax`,
  );
const dials = (option: string, before = "", after = ""): Effect => ({ dialing }, value) =>
  void dialing.push(option, before + value + after);

export const WEBSOCAT_OPTIONS: OptionTable<WebsocatDraft> = {
  "-s --server-mode": (draft) => {
    draft.server = true;
  },
  "--oneshot": (draft) => {
    draft.once = true;
  },
  "-t --text": () => {},
  "-b --binary": (draft) => {
    draft.binary = true;
  },
  "-u --unidirectional": (draft) => {
    draft.direction = "right";
  },
  "-U --unidirectional-reverse": (draft) => {
    draft.direction = "left";
  },
  "-v": ({ options }) => void options.push("-v"),
  "-q": ({ options }) => void options.push("-q"),
  "-k --insecure": ({ dialing }) => void dialing.push("--insecure"),
  "-E --exit-on-eof": ({ notes }) =>
    void notes.push("-E: coax ends with the peer on a terminal; --eof peer does it in any case"),
  "-n --no-close": ({ notes }) =>
    void notes.push("-n: coax stays for --linger after the end of stdin, then sends Close 1000"),
  "-0 --null-terminated": ({ options }) => void options.push("--frame", "nul"),
  "-B --buffer-size=": ({ options }, value) => void options.push("--max-message", value),
  "-H --header=": dials("-H"),
  "--basic-auth=": ({ dialing, notes }, value) => {
    dialing.push("-H", `Authorization: Basic ${value}`);
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
  "--server-protocol=": ({ serving }, value) => void serving.push("--protocol", value),
  "--conncap=": ({ serving }, value) => void serving.push("-m", value),
  "--restrict-uri=": lacks("put the path in the address instead: ws://PORT/path"),
  "--pkcs12-der=": ({ notes }) =>
    void notes.push("--pkcs12-der: coax takes --cert FILE --key FILE in PEM, or --self-signed"),
  "--pkcs12-passwd=": () => {},
  "--unlink": ({ notes }) =>
    void notes.push("--unlink: coax replaces a socket that nobody serves, and never a live one"),
  "-1 --one-message": lacks("an end after one message"),
  "--max-messages=": lacks("an end after so many messages"),
  "--max-messages-rev=": lacks("an end after so many messages"),
  "-S --strict": lacks("dropping lines that are too long"),
  "-e --set-environment": ({ notes }) =>
    void notes.push("-e: coax always sets COAX_PEER, COAX_LOCAL and COAX_ID"),
  "--jsonrpc": lacks("JSON-RPC"),
  "--base64": lacks("Base64; --frame jsonl tells binary messages apart"),
  "--text-prefix=": lacks("prefixes"),
  "--binary-prefix=": lacks("prefixes"),
  "-F --static-file=": lacks("serving files"),
  "--server-header=": lacks("headers of the answer"),
  "--autoreconnect-delay-millis=": lacks("reconnecting; --retry is for the first connection"),
};

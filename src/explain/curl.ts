/** curl (7.88), for the schemes that are plain connections: `telnet://`, `ws://` and `wss://`. */
import { UsageError } from "../core/errors.ts";
import { adds, Draft, nothing, takes, takesDuration, via } from "./effects.ts";
import { type OptionTable, readOptions } from "./options.ts";
import { portOf, type Tool } from "./translation.ts";

class CurlDraft extends Draft {
  readonly headers: string[] = [];
}

const OPTIONS: OptionTable<CurlDraft> = {
  "-s --silent -S --show-error -N --no-buffer --http1.1 -i --include -g --globoff": nothing,
  "-v --verbose": adds("-v"),
  "-4 --ipv4": adds("-4"),
  "-6 --ipv6": adds("-6"),
  "-k --insecure": adds("--insecure"),
  "-x --proxy=": via("http"),
  "--socks4= --socks4a=": via("socks4a"),
  "--socks5=": via("socks5"),
  "--socks5-hostname=": via("socks5"),
  "--cacert=": takes("--ca"),
  "-E --cert=": takes("--client-cert"),
  "--key=": takes("--client-key"),
  "-H --header=": ({ headers }, value) => void headers.push("-H", value),
  "--connect-timeout=": takesDuration("--connect-timeout"),
  "-m --max-time=": ({ notes }, value) =>
    void notes.push(`-m ${value}: coax has no limit on the whole; timeout ${value} coax … has`),
  "-t --telnet-option=": ({ notes }) => void notes.push("-t: coax negotiates no Telnet options"),
  "-o --output=": ({ notes }, value) => void notes.push(`-o: with coax, a shell's > ${value}`),
};

export const curl: Tool = {
  names: ["curl"],
  translate(args) {
    const draft = new CurlDraft();
    const [url, ...more] = readOptions("curl", OPTIONS, args, draft);
    if (url === undefined) throw new UsageError("curl", "expected a URL");
    if (more.length > 0) throw new UsageError(`"${more[0]}"`, "expected one URL");
    const [, scheme, authority] = /^(telnet|wss?):\/\/(.*)$/i.exec(url) ?? [];
    if (scheme === undefined || authority === undefined) {
      const why = "curl speaks HTTP and more; coax does what it does with telnet://, ws://, wss://";
      return { notes: [...draft.notes, why] };
    }
    const { options, headers, notes } = draft;
    if (scheme.toLowerCase() !== "telnet") {
      return { words: ["client", ...options, ...headers, url], notes };
    }
    const [, host, port] = /^(.*?)(?::(\d+))?\/?$/.exec(authority)!;
    notes.push("coax answers no negotiation: a real Telnet server's shows as bytes");
    return { words: ["client", ...options, `${host}:${portOf(port ?? "23")}`], notes };
  },
};

/** `openssl s_client` (3.0): a TLS client. */
import { UsageError } from "../core/errors.ts";
import { adds, Draft, keeps, lacks, notes, nothing, sets, takes } from "./effects.ts";
import { type OptionTable, readOptions } from "./options.ts";
import { hostPort, portOf, type Tool } from "./translation.ts";

class ClientDraft extends Draft {
  connect?: string;
  cert?: string;
  key?: string;
  verifies = false;
  hasCommands = true;
  readonly talkOptions: string[] = [];
}

/** With these, s_client sends every line as well. */
const keepsLines = (draft: ClientDraft) => {
  draft.hasCommands = false;
};

const OPTIONS: OptionTable<ClientDraft> = {
  "--connect --host=": keeps("connect"),
  "--port=": (draft, value) => {
    draft.connect = hostPort(draft.connect ?? "localhost", value);
  },
  "--servername=": takes("--server-name"),
  "--CAfile=": takes("--ca"),
  "--cert=": keeps("cert"),
  "--key=": keeps("key"),
  "--alpn=": takes("--alpn"),
  "--starttls=": takes("--starttls"),
  "--proxy=": takes("--via", "http://"),
  "--crlf": ({ talkOptions }) => void talkOptions.push("--crlf"),
  "-4": adds("-4"),
  "-6": adds("-6"),
  "--verify_return_error": sets("verifies"),
  "--verify=": nothing,
  "--verify_hostname=": takes("--server-name"),
  "--quiet --ign_eof --nocommands --no-interactive": keepsLines,
  "--brief --no_ign_eof": nothing,
  "--showcerts --status --prexit --msg --debug --state --tlsextdebug": notes(
    "coax -v says what was agreed on; it prints no certificates",
  ),
  "--tls1 --tls1_1 --no_tls1_3 --no_tls1_2 --no_tls1_1 --no_tls1 --no_ssl3": lacks(
    "a choice of versions",
  ),
  "--tls1_2 --tls1_3": notes("coax agrees on the newest that both know, 1.2 or 1.3"),
  "--cipher=": lacks("a list of ciphers"),
  "--ciphersuites=": lacks("a list of ciphers"),
  "--CApath=": lacks("a folder of authorities; --ca FILE takes one file"),
  "--sess_out=": lacks("a session to keep"),
  "--sess_in=": lacks("a session to keep"),
  "--reconnect": lacks("connecting again"),
  "--noservername": lacks("a handshake without a name"),
};

export const openssl: Tool = {
  names: ["openssl"],
  translate([command, ...args]) {
    if (command !== "s_client") {
      throw new UsageError(`openssl ${command ?? ""}`.trim(), "expected openssl s_client");
    }
    const draft = new ClientDraft();
    const [address] = readOptions("openssl s_client", OPTIONS, args.map(twoDashes), draft);
    const { cert, key, verifies, options, talkOptions, notes } = draft;
    if (cert) options.push("--client-cert", cert, "--client-key", key ?? cert);
    if (!verifies) {
      options.push("--insecure");
      notes.unshift(
        "s_client goes on with any certificate, and so does --insecure: leave it out to be sure of the peer",
      );
    }
    if (draft.hasCommands) {
      notes.push(
        "s_client takes a line that begins with Q or R as a command; coax sends every line",
      );
    }
    const words = [
      "client",
      ...options,
      ...talkOptions,
      `tls://${target(draft.connect ?? address)}`,
    ];
    return { words, notes };
  },
};

/** s_client takes both `-connect` and `--connect`. */
function twoDashes(arg: string): string {
  return arg.replace(/^-(?=[A-Za-z]\w)/, "--");
}

/** The target of `host:port` or `host`; s_client's default port is 4433. */
function target(written = "localhost:4433"): string {
  const [, host, port] = /^(.*?)(?::([^:\]]*))?$/.exec(written)!;
  return hostPort(host || "localhost", portOf(port || "4433"));
}

/** `openssl s_client` (3.0): a TLS connection to talk through. */
import { UsageError } from "../core/errors.ts";
import { type OptionTable, readOptions } from "./options.ts";
import { hostPort, portOf, type Tool } from "./translation.ts";

class ClientDraft {
  connect?: string;
  cert?: string;
  key?: string;
  family?: string;
  verifies = false;
  readonly options: string[] = [];
  readonly talking: string[] = [];
  readonly notes: string[] = [];
}

type Effect = (draft: ClientDraft, value: string, option: string) => void;

const adds = (name: string): Effect => ({ options }, value) => void options.push(name, value);

const note = (text: string): Effect => ({ notes }, _, option) =>
  void notes.push(`${option}: ${text}`);

const lacks = (what: string): Effect => note(`${what} has no counterpart in coax`);

const nothing: Effect = () => {};

const OPTIONS: OptionTable<ClientDraft> = {
  "--connect --host=": (draft, value) => {
    draft.connect = value;
  },
  "--port=": (draft, value) => {
    draft.connect = hostPort(draft.connect ?? "localhost", value);
  },
  "--servername=": adds("--server-name"),
  "--CAfile=": adds("--ca"),
  "--cert=": (draft, value) => {
    draft.cert = value;
  },
  "--key=": (draft, value) => {
    draft.key = value;
  },
  "--alpn=": adds("--alpn"),
  "--starttls=": adds("--starttls"),
  "--proxy=": ({ options }, value) => void options.push("--via", `http://${value}`),
  "--crlf": ({ talking }) => void talking.push("--crlf"),
  "-4": ({ options }) => void options.push("-4"),
  "-6": ({ options }) => void options.push("-6"),
  "--verify_return_error": (draft) => {
    draft.verifies = true;
  },
  "--verify=": nothing,
  "--verify_hostname=": adds("--server-name"),
  "--quiet --brief --ign_eof --no_ign_eof --nocommands --no-interactive": nothing,
  "--showcerts --status --prexit --msg --debug --state --tlsextdebug": note(
    "coax -v says what was agreed on; it prints no certificates",
  ),
  "--tls1 --tls1_1 --no_tls1_3 --no_tls1_2 --no_tls1_1 --no_tls1 --no_ssl3": lacks(
    "a choice of versions",
  ),
  "--tls1_2 --tls1_3": note("coax agrees on the newest that both know, 1.2 or 1.3"),
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
    const [place] = readOptions("openssl s_client", OPTIONS, args.map(twoDashes), draft);
    const { cert, key, verifies, options, talking, notes } = draft;
    if (cert) options.push("--client-cert", cert, "--client-key", key ?? cert);
    if (!verifies) {
      options.push("--insecure");
      notes.unshift(
        "s_client goes on with any certificate, and so does --insecure: leave it out to be sure of the peer",
      );
    }
    notes.push("s_client takes a line that begins with Q or R as a command; coax sends every line");
    const words = ["client", ...options, ...talking, `tls://${target(draft.connect ?? place)}`];
    return { words, notes };
  },
};

/** s_client takes both `-connect` and `--connect`. */
function twoDashes(arg: string): string {
  return arg.replace(/^-(?=[A-Za-z]\w)/, "--");
}

/** `host:port`, `host`; s_client's own default is port 4433. */
function target(written = "localhost:4433"): string {
  const [, host, port] = /^(.*?)(?::([^:\]]*))?$/.exec(written)!;
  return hostPort(host || "localhost", portOf(port || "4433"));
}

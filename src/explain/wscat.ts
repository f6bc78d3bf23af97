/** wscat (6): a WebSocket client and server for a terminal. */
import { UsageError } from "../core/errors.ts";
import { adds, Draft, keeps, notes, sets, takes, via } from "./effects.ts";
import { type OptionTable, readOptions } from "./options.ts";
import { portOf, type Tool, type Translation } from "./translation.ts";

class WscatDraft extends Draft {
  connect?: string;
  listen?: string;
  host?: string;
  wait?: string;
  redirects = "10";
  follows = false;
  readonly sent: string[] = [];
}

const OPTIONS: OptionTable<WscatDraft> = {
  "-c --connect=": keeps("connect"),
  "-l --listen=": keeps("listen"),
  "--host=": keeps("host"),
  "-H --header=": ({ options }, value) =>
    void options.push("-H", value.replace(/^([^:]+):\s*/, "$1: ")),
  "-s --subprotocol=": takes("--protocol"),
  "-o --origin=": takes("--origin"),
  "-n --no-check": adds("--insecure"),
  "--ca=": takes("--ca"),
  "--cert=": takes("--client-cert"),
  "--key=": takes("--client-key"),
  "--passphrase=": notes("coax asks for no passphrase: it takes keys that need none"),
  "--auth=": ({ options }, value) => void options.push("-H", `Authorization: Basic ${btoa(value)}`),
  "--proxy=": via("http"),
  "-x --execute=": ({ sent }, value) => void sent.push(value),
  "-w --wait=": keeps("wait"),
  "-L --location": sets("follows"),
  "--max-redirects=": keeps("redirects"),
  "-P --show-ping-pong": adds("-vv"),
  "-p --protocol=": notes("coax speaks version 13 of the protocol (RFC 6455), as everybody does"),
  "--slash": notes("coax takes each line as a message; --ping and --close say what else to send"),
  "--no-color": adds("--color", "never"),
};

export const wscat: Tool = {
  names: ["wscat"],
  translate(args) {
    const draft = new WscatDraft();
    const operands = readOptions("wscat", OPTIONS, args, draft);
    if (operands.length > 0) throw new UsageError(operands[0]!, "wscat takes options only");
    if (draft.listen !== undefined && draft.connect === undefined) return server(draft);
    if (draft.connect === undefined) throw new UsageError("wscat", "expected -c URL or -l PORT");
    return client(draft, draft.connect);
  },
};

function server({ listen, host, options, notes }: WscatDraft): Translation {
  const port = portOf(listen!, 0);
  const address = `ws://${host === undefined ? `:${port}` : `${host}:${port}`}`;
  return {
    words: ["server", "-k", ...options, address],
    notes: [
      ...host === undefined
        ? ["wscat listens on every interface; ws://PORT alone is this machine only"]
        : [],
      "wscat talks to one client at a time; with -k, lines go to all",
      ...notes,
    ],
  };
}

/** Translates `-c`; wscat adds ws:// to a URL without a scheme. */
function client(
  { sent, wait, follows, redirects, options, notes }: WscatDraft,
  url: string,
): Translation {
  const clientOptions = [...follows ? ["--follow", redirects] : [], ...options];
  const allNotes = [...notes];
  for (const text of sent) clientOptions.push("--send", text.replaceAll("\\", "\\\\"));
  if (sent.length > 0 && wait === "-1") allNotes.push("-w -1: coax stays while stdin is open");
  else if (sent.length > 0) {
    const linger = `${wait ?? "2"}s`;
    clientOptions.push("--linger", linger);
    allNotes.push(
      `wscat ends ${linger} after -x; with --linger coax does after ${linger} of silence`,
    );
  }
  return {
    words: ["client", ...clientOptions, /^\w+:\/\//.test(url) ? url : `ws://${url}`],
    notes: allNotes,
  };
}

/** nc: OpenBSD's (Debian's netcat-openbsd 1.219), and the older netcat-traditional 1.10. */
import { UsageError } from "../../core/errors.ts";
import { NcDraft, OPENBSD, TRADITIONAL } from "./nc_options.ts";
import { assemble, isOneWay } from "./netcat.ts";
import { readOptions } from "../options.ts";
import type { Tool, Translation } from "../translation.ts";

/** Options that only netcat-traditional has. */
const TRADITIONAL_ONLY = /^-[a-zA-Z46]*[ceogG]/;

export const nc: Tool = {
  names: ["nc", "netcat", "nc.openbsd", "nc.traditional"],
  translate(args, name) {
    const isTraditional = name === "nc.traditional" ||
      (name !== "nc.openbsd" && args.some((arg) => TRADITIONAL_ONLY.test(arg)));
    const draft = new NcDraft("nc");
    const operands = readOptions("nc", isTraditional ? TRADITIONAL : OPENBSD, args, draft);
    if (isTraditional && name !== "nc.traditional") {
      draft.note("read as netcat-traditional: OpenBSD's nc has no -c, -e, -o, -g and -G");
    }
    draft.isTraditional = isTraditional;
    if (!isTraditional) checkRules(draft, operands);
    const translation = assemble(
      applyCombinations(draft),
      isTraditional ? applyAllowedPeer(draft, operands) : operands,
    );
    return translation.words ? withDifferences(translation, draft) : translation;
  },
};

/** Throws for combinations that nc itself refuses (nc(1), OPTIONS). */
function checkRules(draft: NcDraft, operands: readonly string[]): void {
  const { listen, keepOpen, scan, proxy, udp, unix, sourcePort } = draft;
  if (keepOpen && !listen) throw new UsageError("-k", "nc takes it only with -l");
  if (scan && listen) throw new UsageError("-z", "nc doesn't take it with -l");
  if (proxy && (listen || udp || unix)) {
    throw new UsageError("-x", "nc doesn't take it with -l, -u and -U");
  }
  if (listen && sourcePort !== undefined && operands.length > 0) {
    throw new UsageError("-p", "nc takes no address beside it with -l; -s says which");
  }
  if (proxy?.host === "") throw new UsageError("-X", "nc takes it only with -x");
}

/** Applies what depends on several options at once. */
function applyCombinations(draft: NcDraft): NcDraft {
  const { listen, connectTimeout, proxy, scan } = draft;
  if (listen && connectTimeout) draft.note("-w: nc ignores it with -l");
  else if (connectTimeout && !scan) {
    draft.options.push("--idle-timeout", connectTimeout);
    draft.note(`-w: after ${connectTimeout} without a byte, nc ends with status 0, coax with 5`);
  }
  if (proxy && !/:\d+$/.test(proxy.host)) proxy.host += proxy.type === "http" ? ":3128" : ":1080";
  return draft;
}

/** Applies netcat-traditional's host and port after -l, which say who may connect. */
function applyAllowedPeer(draft: NcDraft, operands: readonly string[]): readonly string[] {
  if (!draft.listen) return operands;
  if (draft.sourcePort === undefined) {
    throw new UsageError("-l", "netcat-traditional expects -p PORT");
  }
  const [host, port] = operands;
  if (host !== undefined) {
    draft.options.push("--allow", host);
    draft.note("a host after -l is the only one that may connect; coax's --allow takes addresses");
  }
  if (port !== undefined) draft.note(`coax doesn't ask which port (${port}) a peer comes from`);
  return [];
}

/** Adds notes on where the translation behaves differently. */
function withDifferences(translation: Translation, draft: NcDraft): Translation {
  const { words, notes } = translation;
  const { listen, keepOpen, udp, unix, sourceAddress, scan, command } = draft;
  const bare = listen && !unix && words!.some((word) => /^(?:udp:\/\/)?:\d+$/.test(word));
  const talks = !scan && command === undefined && !isOneWay(draft);
  return {
    ...translation,
    notes: [
      ...bare && sourceAddress === undefined
        ? [
          "without a host, nc listens on every interface over IPv4; :PORT does so over IPv6 too, and PORT alone is this machine only",
        ]
        : [],
      ...keepOpen && !udp
        ? [
          "nc -k serves one connection after the other; coax serves all at once, and stdin goes to all of them",
        ]
        : [],
      ...udp && talks
        ? [
          "UDP has no end: coax ends after --linger (1s) of silence once stdin has ended; nc stays",
        ]
        : [],
      ...talks && !udp && !draft.passesEof
        ? ["when stdin ends, coax tells the peer, as nc does only with -N"]
        : [],
      ...talks && !udp ? [peerEofNote(draft)] : [],
      ...notes,
    ],
  };
}

/** The note on what happens at the peer's EOF. */
function peerEofNote({ listen, isTraditional }: NcDraft): string {
  return listen || isTraditional
    ? "when the peer ends first, nc is done; coax goes on sending what a pipe or a file has, unless --eof peer is given"
    : "when the peer ends first, coax ends on a terminal, and nc waits for the end of stdin, as coax does with --eof both";
}

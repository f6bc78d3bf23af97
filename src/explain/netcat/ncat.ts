/** Nmap's ncat (7.93). */
import { UsageError } from "../../core/errors.ts";
import { NCAT_OPTIONS, NcatDraft } from "./ncat_options.ts";
import { assemble, isOneWay } from "./netcat.ts";
import { readOptions } from "../options.ts";
import type { Tool, Translation } from "../translation.ts";

/** ncat's default port (ncat(1), CONNECT MODE AND LISTEN MODE). */
const DEFAULT_PORT = "31337";

export const ncat: Tool = {
  names: ["ncat"],
  translate(args) {
    const draft = new NcatDraft("ncat", DEFAULT_PORT);
    const operands = readOptions("ncat", NCAT_OPTIONS, args, draft);
    const { listen, keepOpen, broker, room } = draft;
    if (!listen && (keepOpen || broker || room)) {
      const option = keepOpen ? "-k" : broker ? "--broker" : "--chat";
      throw new UsageError(option, "ncat takes it only with -l");
    }
    if (listen && draft.sourceAddress) throw new UsageError("-s", "ncat doesn't take it with -l");
    if (args.some((arg) => arg === "--sctp" || arg === "--vsock")) return { notes: draft.notes };
    if (draft.tls && draft.udp) draft.note("coax has no DTLS, TLS over UDP");
    else return finish(draft, operands);
    return { notes: draft.notes };
  },
};

function finish(draft: NcatDraft, operands: readonly string[]): Translation {
  secureOptions(draft);
  limit(draft);
  proxyOptions(draft);
  const translation = assemble(draft, operands);
  const { words, notes } = translation;
  if (!words) return { notes };
  const listens = draft.listen && words.find((word) => /^(?:\w+:\/\/)?:\d+$/.test(word));
  if (listens) {
    draft.note(
      "without a host, both listen on every interface; with coax, PORT alone is this machine only",
    );
  }
  if (draft.room || draft.broker) return room(draft, words);
  if (draft.listen && draft.proxies) return proxyServer(draft, words);
  if (draft.udp) {
    draft.note("UDP has no end: coax ends after --linger (1s) of silence once stdin has ended");
  } else if (!draft.scan && draft.command === undefined && !isOneWay(draft)) {
    draft.note(
      draft.listen
        ? "when the peer ends first, ncat is done with it; coax goes on sending what a pipe or a " +
          "file has, unless --eof peer is given"
        : "when the peer ends first, coax ends on a terminal, and ncat waits for the end of " +
          "stdin, as coax does with --eof both",
    );
  }
  return { ...translation, notes };
}

function secureOptions(draft: NcatDraft): void {
  const { listen, tls, verify, cert, key, options } = draft;
  if (!tls) return;
  if (cert !== undefined || key !== undefined) {
    const [certificate, secret] = listen ? ["--cert", "--key"] : ["--client-cert", "--client-key"];
    const file = cert ?? key!;
    options.push(certificate!, file, secret!, key ?? file);
  } else if (listen) {
    options.push("--self-signed");
    draft.note("--ssl without --ssl-cert makes a certificate in memory, and so does --self-signed");
  }
  if (!listen && !verify) {
    options.push("--insecure");
    draft.note(
      "ncat --ssl trusts anybody, and so does --insecure: leave it out to be sure of the peer",
    );
  }
}

function limit(draft: NcatDraft): void {
  const { maxConnections, keepOpen, broker, room, options } = draft;
  if (maxConnections === undefined) return;
  if (keepOpen || broker || room) {
    options.unshift("-m", maxConnections);
    draft.note("-m: over it, ncat resets a connection; coax closes it and logs that");
  } else draft.note("-m: ncat ignores it without -k, and so does a listener that serves only one");
}

function proxyOptions(draft: NcatDraft): void {
  const { proxyHost, proxyType } = draft;
  const type = PROXY_TYPES.find((known) => known === proxyType || known === `${proxyType}a`);
  if (!type) {
    throw new UsageError(`--proxy-type ${proxyType}`, "ncat knows http, socks4 and socks5");
  }
  if (draft.listen || proxyHost === undefined) return;
  const port = proxyType === "http" ? "3128" : "1080";
  const host = /:\d+$/.test(proxyHost) ? proxyHost : `${proxyHost}:${port}`;
  draft.proxy = { type, host };
}

/** ncat's `socks4` has names resolved by the proxy, too. */
const PROXY_TYPES = ["http", "socks4a", "socks5"] as const;

function room(draft: NcatDraft, words: readonly string[]): Translation {
  draft.note(
    draft.room
      ? "a member of a coax room has a name (/nick) where ncat shows a number"
      : "ncat --broker repeats bytes as they are; a coax room carries lines, each with its sender's name",
  );
  const options = words.slice(1).filter((word) => word !== "-k");
  return { words: ["chat", ...options], notes: draft.notes };
}

function proxyServer(draft: NcatDraft, words: readonly string[]): Translation {
  const socks = draft.proxyType !== "http";
  if (socks) draft.note("ncat itself refuses to be a SOCKS proxy; it can be one for HTTP only");
  draft.note("coax's proxy leads everywhere but to this machine; --allow-target says otherwise");
  const { credentials } = draft;
  const auth = credentials === undefined ? [] : ["--auth", credentials];
  const options = [...auth, ...words.slice(1).filter((word) => word !== "-k")];
  return { words: ["relay", ...options, socks ? "socks5:" : "http-proxy:"], notes: draft.notes };
}

/** nc's options: OpenBSD's (1.219) and those of netcat-traditional (1.10). */
import { adds, keeps, lacks, notes, sets, usesFamily } from "../effects.ts";
import { NetcatDraft, talks } from "./netcat.ts";
import type { Effect, OptionTable } from "../options.ts";
import { durationOf } from "../translation.ts";

/** nc's command line, as its options fill it in. */
export class NcDraft extends NetcatDraft {
  /** Whether EOF of stdin is passed on to the peer, which nc does only with -N or -q. */
  passesEof = false;
  /** Whether the tool is netcat-traditional. */
  isTraditional = false;
}

const timeout: Effect<NcDraft> = (draft, value, option) => {
  draft.connectTimeout = durationOf(option, value);
};

const quit: Effect<NcDraft> = (draft, value, option) => {
  draft.passesEof = true;
  if (value.startsWith("-")) return draft.note(`${option} ${value}: coax waits like that anyway`);
  const linger = durationOf(option, value);
  draft.talkOptions.push("--linger", linger);
  draft.note(
    `${option} ${value}: nc quits ${linger} after the end of its stdin, with status 0; with ` +
      `--linger coax does after ${linger} of silence, with status 5`,
  );
};

/** The options that both have. */
const COMMON: OptionTable<NcDraft> = {
  "-l": sets("listen"),
  "-u": sets("udp"),
  "-z": sets("scan"),
  "-C": talks("--crlf"),
  "-v": adds("-v"),
  "-w=": timeout,
  "-q=": quit,
  "-s=": keeps("sourceAddress"),
  "-p=": keeps("sourcePort"),
  "-n": notes("coax asks no DNS for an address in numbers either; a name would be resolved"),
  "-i=": lacks("a pause between lines"),
  "-r": lacks("random ports"),
  "-t": lacks("answers to telnet negotiation"),
  "-T=": lacks("type of service"),
  "-b": lacks("broadcast"),
};

export const OPENBSD: OptionTable<NcDraft> = {
  ...COMMON,
  "-4": usesFamily(4),
  "-6": usesFamily(6),
  "-k": sets("keepOpen"),
  "-U": sets("unix"),
  "-d": talks("--recv-only"),
  "-N": sets("passesEof"),
  "-x=": (draft, value) => {
    draft.proxy = { type: draft.proxy?.type ?? "socks5", host: value };
  },
  "-X=": (draft, value) => {
    if (value === "4") draft.note("-X 4: with coax, the proxy resolves a name (SOCKS4A)");
    const type = value === "connect" ? "http" : value === "4" ? "socks4a" : "socks5";
    draft.proxy = { type, host: draft.proxy?.host ?? "" };
  },
  "-P=": (draft, value) => {
    draft.credentials = value;
    draft.note("-P: nc asks for the password; coax takes it from --via http://user:password@…");
  },
  "-D": lacks("debugging on the socket"),
  "-F": lacks("passing on the connected socket"),
  "-I=": lacks("size of the receive buffer"),
  "-O=": lacks("size of the send buffer"),
  "-M=": lacks("time to live"),
  "-m=": lacks("least time to live"),
  "-S": lacks("TCP MD5 signatures"),
  "-V=": lacks("routing table"),
  "-W=": lacks("an end after so many packets"),
  "-Z": lacks("DCCP"),
};

export const TRADITIONAL: OptionTable<NcDraft> = {
  ...COMMON,
  "-c=": keeps("command", "sh:"),
  "-e=": keeps("command", "exec:"),
  "-o=": (draft) => {
    draft.options.push("-x");
    draft.note("-o: nc writes the hexdump to a file, coax to stderr");
  },
  "-k": (draft) => draft.note("-k: coax asks silent peers anyway; --keepalive says how soon"),
  "-g=": lacks("source routing"),
  "-G=": lacks("source routing"),
};

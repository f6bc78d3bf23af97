/** ncat's options (7.93), and what becomes of each. */
import { adds, implied, lacks, NetcatDraft, sets, talks, usesFamily } from "./netcat.ts";
import type { Effect, OptionTable } from "../options.ts";
import { durationOf } from "../translation.ts";

/** ncat's command line, as its options fill it in. */
export class NcatDraft extends NetcatDraft {
  verify = false;
  cert?: string;
  key?: string;
  proxyType = "http";
  proxyHost?: string;
  proxies = false;
  maxConnections?: string;
  room = false;
  broker = false;
}

const duration = (option: string): Effect<NcatDraft> => (draft, value, written) =>
  void draft.options.push(option, durationOf(written, value));

const list = (option: string, prefix = ""): Effect<NcatDraft> => (draft, value, written) => {
  draft.options.push(option, prefix + value);
  draft.note(`${written}: ncat takes names and Nmap's ranges too, coax addresses and CIDR ranges`);
};

const secure: Effect<NcatDraft> = (draft) => {
  draft.tls = true;
};

export const NCAT_OPTIONS: OptionTable<NcatDraft> = {
  "-4": usesFamily(4),
  "-6": usesFamily(6),
  "-U --unixsock": sets("unix"),
  "-u --udp": sets("udp"),
  "-l --listen": sets("listen"),
  "-k --keep-open": sets("keepOpen"),
  "-z": sets("scan"),
  "-C --crlf": talks("--crlf"),
  "--send-only": talks("--send-only"),
  "--recv-only": talks("--recv-only"),
  "-v --verbose": adds("-v"),
  "-i --idle-timeout=": duration("--idle-timeout"),
  "-w --wait=": (draft, value, option) => {
    draft.connectTimeout = durationOf(option, value);
  },
  "-m --max-conns=": (draft, value) => {
    draft.maxConnections = value;
  },
  "-c --sh-exec=": (draft, value) => {
    draft.command = `sh:${value}`;
  },
  "-e --exec=": (draft, value) => {
    draft.command = `exec:${value}`;
  },
  "-p --source-port=": (draft, value) => {
    draft.sourcePort = value;
  },
  "-s --source=": lacks("our own address"),
  "-x --hex-dump=": (draft, value) => {
    draft.options.push("-x");
    draft.note(`-x ${value}: ncat writes the hexdump to a file, coax to stderr`);
  },
  "-o --output=": (draft, value) => {
    draft.options.push("--record", value);
    draft.note("-o: ncat writes the bytes alone, coax a recording with times and directions");
  },
  "--append-output": implied("coax never writes over a recording, and appends to none"),
  "--allow=": list("--allow"),
  "--allowfile=": list("--allow", "@"),
  "--deny=": list("--deny"),
  "--denyfile=": list("--deny", "@"),
  "--broker": (draft) => {
    draft.broker = true;
  },
  "--chat": (draft) => {
    draft.room = true;
  },
  "--proxy=": (draft, value) => {
    draft.proxyHost = value;
  },
  "--proxy-type=": (draft, value) => {
    draft.proxyType = value;
    draft.proxies = true;
  },
  "--proxy-auth=": (draft, value) => {
    draft.credentials = value;
  },
  "--proxy-dns=": lacks("who resolves the name: with coax the proxy always does"),
  "--ssl": secure,
  "--ssl-verify": (draft) => {
    draft.tls = draft.verify = true;
  },
  "--ssl-cert=": (draft, value) => {
    draft.tls = true;
    draft.cert = value;
  },
  "--ssl-key=": (draft, value) => {
    draft.tls = true;
    draft.key = value;
  },
  "--ssl-trustfile=": (draft, value) => {
    draft.tls = true;
    draft.options.push("--ca", value);
  },
  "--ssl-servername=": (draft, value) => {
    draft.tls = true;
    draft.options.push("--server-name", value);
  },
  "--ssl-alpn=": (draft, value) => {
    draft.tls = true;
    draft.options.push("--alpn", value);
  },
  "--ssl-ciphers=": lacks("a list of ciphers"),
  "-n --nodns": implied("coax asks no DNS for an address in numbers either"),
  "--no-shutdown": lacks("keeping the end of stdin from the peer"),
  "-d --delay=": lacks("a pause between lines"),
  "-t --telnet": lacks("answers to telnet negotiation"),
  "-g=": lacks("source routing"),
  "-G=": lacks("source routing"),
  "--lua-exec=": lacks("Lua scripts"),
  "--sctp": lacks("SCTP"),
  "--vsock": lacks("AF_VSOCK sockets"),
};

/** ncat's options (7.93), and their effects. */
import { adds, keeps, lacks, notes, sets, takesDuration, usesFamily } from "../effects.ts";
import { NetcatDraft, talks } from "./netcat.ts";
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

const list = (option: string, prefix = ""): Effect<NcatDraft> => (draft, value, written) => {
  draft.options.push(option, prefix + value);
  draft.note(`${written}: ncat takes names and Nmap's ranges too, coax addresses and CIDR ranges`);
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
  "-i --idle-timeout=": takesDuration("--idle-timeout"),
  "-w --wait=": (draft, value, option) => {
    draft.connectTimeout = durationOf(option, value);
  },
  "-m --max-conns=": keeps("maxConnections"),
  "-c --sh-exec=": keeps("command", "sh:"),
  "-e --exec=": keeps("command", "exec:"),
  "-p --source-port=": keeps("sourcePort"),
  "-s --source=": keeps("sourceAddress"),
  "-x --hex-dump=": (draft, value) => {
    draft.options.push("-x");
    draft.note(`-x ${value}: ncat writes the hexdump to a file, coax to stderr`);
  },
  "-o --output=": (draft, value) => {
    draft.options.push("--record", value);
    draft.note("-o: ncat writes the bytes alone, coax a recording with times and directions");
  },
  "--append-output": notes("coax never writes over a recording, and appends to none"),
  "--allow=": list("--allow"),
  "--allowfile=": list("--allow", "@"),
  "--deny=": list("--deny"),
  "--denyfile=": list("--deny", "@"),
  "--broker": sets("broker"),
  "--chat": sets("room"),
  "--proxy=": keeps("proxyHost"),
  "--proxy-type=": (draft, value) => {
    draft.proxyType = value;
    draft.proxies = true;
  },
  "--proxy-auth=": keeps("credentials"),
  "--proxy-dns=": lacks("who resolves the name: with coax the proxy always does"),
  "--ssl": sets("tls"),
  "--ssl-verify": sets("tls", "verify"),
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
  "-n --nodns": notes("coax asks no DNS for an address in numbers either"),
  "--no-shutdown": lacks("keeping the end of stdin from the peer"),
  "-d --delay=": lacks("a pause between lines"),
  "-t --telnet": lacks("answers to telnet negotiation"),
  "-g=": lacks("source routing"),
  "-G=": lacks("source routing"),
  "--lua-exec=": lacks("Lua scripts"),
  "--sctp": lacks("SCTP"),
  "--vsock": lacks("AF_VSOCK sockets"),
};

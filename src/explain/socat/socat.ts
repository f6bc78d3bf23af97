/** socat (1.7.4): picks the command of coax that connects two such endpoints. */
import { UsageError } from "../../core/errors.ts";
import { readOptions } from "../options.ts";
import { parseSocatAddress } from "./address.ts";
import { SOCAT_TABLE, SocatDraft } from "./draft.ts";
import type { SocatEndpoint } from "./endpoint.ts";
import { shellWord, type Tool, type Translation } from "../translation.ts";

export const socat: Tool = {
  names: ["socat"],
  translate(args) {
    const draft = new SocatDraft();
    const written = readOptions("socat", SOCAT_TABLE, args.map(unambiguous), draft).map(mergeStdio);
    if (written.length !== 2) throw new UsageError("socat", "expected two addresses");
    const twoHalves = written.find((text) => text.includes("!!"));
    if (twoHalves) return { notes: [`coax has no addresses of two halves (${twoHalves})`] };
    const [left, right] = written.map((text) => parseSocatAddress(text, draft.notes));
    if (!left || !right) return { notes: draft.notes };
    const { logFile } = draft;
    return withLogFile(commandFor(left, right, draft), logFile);
  },
};

/** Adds the optional value of `-ly` and `-lm`, and makes an address of `-,…` and `-!!…`. */
function unambiguous(arg: string): string {
  return /^-l[ym]$/.test(arg) ? `${arg}=daemon` : arg.replace(/^-(?=,|!!)/, "STDIO");
}

/** Makes one STDIO of the halves stdin and stdout. */
function mergeStdio(address: string): string {
  return address.replace(/^(?:-|STDIO|STDIN|0)!!(?:-|STDIO|STDOUT|1)(?=,|$)/i, "STDIO");
}

function withLogFile(translation: Translation, file: string | undefined): Translation {
  if (file === undefined || !translation.words) return translation;
  const redirect = [translation.redirect, `2> ${shellWord(file)}`].filter(Boolean).join(" ");
  return { ...translation, redirect };
}

/** The command for two endpoints, in either order. */
function commandFor(left: SocatEndpoint, right: SocatEndpoint, draft: SocatDraft): Translation {
  const roles = [left.role, right.role];
  const one = (role: SocatEndpoint["role"]) => left.role === role ? left : right;
  const other = (endpoint: SocatEndpoint) => endpoint === left ? right : left;
  if (left.role === right.role && left.role !== "child") return withoutCommand(left, draft);
  if (roles.includes("file") && draft.direction) {
    const sends = (draft.direction === "right") === (left.role === "file");
    return withRedirect(one("file"), other(one("file")), sends, draft);
  }
  if (roles.includes("file")) return bothWays(one("file"), other(one("file")), draft);
  if (roles.includes("stdio")) {
    const sends = (draft.direction === "right") === (left.role === "stdio");
    const peer = other(one("stdio"));
    // A child keeps stdin or stdout where the direction doesn't need it (socat(1), EXEC).
    const oneWay = draft.direction && peer.role !== "child"
      ? [sends ? "--send-only" : "--recv-only"]
      : [];
    return conversation(peer, oneWay, draft);
  }
  if (roles.includes("listen")) return listening(one("listen"), other(one("listen")), draft);
  if (roles.includes("echo")) {
    draft.notes.push("coax echoes where it listens; here a cat does it");
    return runningChild({ ...one("echo"), address: "exec:cat" }, other(one("echo")), draft);
  }
  const from = one("child");
  return runningChild(from, other(from), draft);
}

function withoutCommand({ role, keyword }: SocatEndpoint, draft: SocatDraft): Translation {
  const why = role === "connect"
    ? "coax listens at one end of a relay, or runs a command there, and never dials both"
    : role === "listen"
    ? "coax listens at one end of a relay only"
    : role === "file"
    ? "cat does the same with a shell's < and >"
    : `nothing is left to do between two ${keyword}`;
  return { notes: [...draft.notes, why] };
}

/** stdin and stdout with any other endpoint. */
function conversation(
  endpoint: SocatEndpoint,
  oneWay: readonly string[],
  draft: SocatDraft,
): Translation {
  if (endpoint.role === "echo") return { notes: [...draft.notes, "cat does the same"] };
  const { linger } = draft;
  if (endpoint.role === "listen" && endpoint.fork && !oneWay.includes("--recv-only")) {
    draft.notes.push(
      "fork: with socat, a line of stdin goes to one of the connections; with -k, to all",
    );
  }
  return {
    words: [
      endpoint.role === "listen" ? "server" : "client",
      ...endpoint.role === "listen" && endpoint.fork ? ["-k"] : [],
      ...oneWay,
      ...linger ? ["--linger", linger] : [],
      ...endpoint.crlf ? ["--crlf"] : [],
      ...optionsFor(endpoint, draft),
      endpoint.address,
    ],
    notes: [...differences(endpoint, draft), ...draft.notes],
  };
}

/** A file with any other endpoint, both ways. */
function bothWays(file: SocatEndpoint, other: SocatEndpoint, draft: SocatDraft): Translation {
  const { keyword, append, truncate } = file;
  const opened = { ...file, address: `file:${file.address}` };
  const isDevice = file.address.startsWith("/dev/");
  if (isDevice) draft.notes.push("a device has no end: --linger (1s) of silence after ours is one");
  else if (truncate) draft.notes.push("coax never empties a file: it appends");
  else if (!append && keyword !== "GOPEN") {
    draft.notes.push(
      "coax appends to a plain file; socat without append writes over its beginning",
    );
  }
  if (other.role === "echo") return runningChild(opened, { ...other, address: "exec:cat" }, draft);
  if (other.role === "stdio") return conversation(opened, [], draft);
  if (other.role === "listen") return listening(other, opened, draft);
  return runningChild(opened, other, draft);
}

/** A file with any other endpoint, one way: a shell's redirection opens it. */
function withRedirect(
  file: SocatEndpoint,
  endpoint: SocatEndpoint,
  sends: boolean,
  draft: SocatDraft,
): Translation {
  const { address } = file;
  const path = shellWord(address);
  if (endpoint.role === "child" && sends) {
    return { ...conversation(endpoint, [], draft), redirect: `< ${path}` };
  }
  if (endpoint.role !== "listen" && endpoint.role !== "connect") {
    return withoutCommand(file, draft);
  }
  if (sends && endpoint.fork) { // Each connection gets the whole file.
    return listening(endpoint, { ...file, address: `file+read:${address}` }, draft);
  }
  if (!sends && !file.append && !file.truncate) {
    draft.notes.push("> empties the file first; socat without trunc writes over its beginning");
  }
  const operator = sends ? "<" : file.append ? ">>" : ">";
  const talk = conversation(endpoint, [sends ? "--send-only" : "--recv-only"], draft);
  return { ...talk, redirect: `${operator} ${path}` };
}

/** A listener with any endpoint but stdio. */
function listening(listener: SocatEndpoint, target: SocatEndpoint, draft: SocatDraft): Translation {
  const options = [...optionsFor(listener, draft), ...target.options];
  if (target.role === "echo") {
    if (!listener.fork) {
      draft.notes.push("without fork, socat ends after one connection; coax echo goes on");
    }
    return {
      words: ["echo", ...options, listener.address],
      notes: [...wildcardNote(listener), ...draft.notes],
    };
  }
  oneWayNote(draft);
  crlfNote(listener);
  const once = listener.fork ? [] : ["--once"];
  const crlf = target.crlf ? ["--crlf"] : [];
  return {
    words: ["relay", ...once, ...crlf, ...options, listener.address, target.address],
    notes: [...differences(listener, draft), ...draft.notes],
  };
}

/** A child or a file as a relay's first address, which is opened once. */
function runningChild(from: SocatEndpoint, to: SocatEndpoint, draft: SocatDraft): Translation {
  oneWayNote(draft);
  crlfNote(from);
  return {
    words: [
      "relay",
      ...to.crlf ? ["--crlf"] : [],
      ...optionsFor(to, draft),
      ...from.options,
      from.address,
      to.address,
    ],
    notes: [...differences(to, draft), ...draft.notes],
  };
}

/** Notes that a relay's `--crlf` is for the bytes to its target only. */
function crlfNote({ crlf, keyword, notes }: SocatEndpoint): void {
  if (!crlf) return;
  notes.push(`crnl of ${keyword}: coax makes LF CRLF on the way to a relay's second address only`);
}

function oneWayNote({ direction, notes }: SocatDraft): void {
  if (direction) notes.push("-u and -U: a relay of coax carries both directions");
}

function optionsFor({ options, role }: SocatEndpoint, draft: SocatDraft): string[] {
  const family = role === "connect" && draft.family ? [`-${draft.family}`] : [];
  return [...family, ...draft.options, ...options];
}

function wildcardNote({ listensWide }: SocatEndpoint): string[] {
  return listensWide
    ? [
      "socat listens on every interface, over IPv4; :PORT does so over IPv6 too, and PORT alone is this machine only",
    ]
    : [];
}

function differences(endpoint: SocatEndpoint, { linger }: SocatDraft): string[] {
  const udp = /^(?:udp|unixgram):/.test(endpoint.address);
  return [
    ...wildcardNote(endpoint),
    ...udp
      ? [
        "datagrams have no end: coax ends a conversation after --linger (1s) of silence once stdin has ended, and a relay's session after --idle-timeout (60s)",
      ]
      : linger
      ? [`-t: socat quits ${linger} after one side's end; coax after ${linger} of silence`]
      : [
        "after one side's end, socat waits half a second (-t) and quits; coax waits for the other side's own end",
      ],
    ...endpoint.keyword.includes("SSL") && endpoint.role === "listen"
      ? ["socat asks clients for a certificate unless verify=0; coax does with --client-ca"]
      : [],
  ];
}

/** socat (1.7.4): two addresses become the command of coax that joins such ends. */
import { UsageError } from "../../core/errors.ts";
import { readOptions } from "../options.ts";
import { parseSocatAddress } from "./address.ts";
import { SOCAT_TABLE, SocatDraft } from "./draft.ts";
import type { SocatEnd } from "./end.ts";
import { shellWord, type Tool, type Translation } from "../translation.ts";

export const socat: Tool = {
  names: ["socat"],
  translate(args) {
    const draft = new SocatDraft();
    const written = readOptions("socat", SOCAT_TABLE, args.map(unambiguous), draft).map(whole);
    if (written.length !== 2) throw new UsageError("socat", "expected two addresses");
    const dual = written.find((text) => text.includes("!!"));
    if (dual) return { notes: [`coax has no addresses of two halves (${dual})`] };
    const [left, right] = written.map((text) => parseSocatAddress(text, draft.notes));
    if (!left || !right) return { notes: draft.notes };
    const { logFile } = draft;
    return logged(join(left, right, draft), logFile);
  },
};

/** `-ly` and `-lm` may stand without a value of their own; `-,…` and `-!!…` are addresses. */
function unambiguous(arg: string): string {
  return /^-l[ym]$/.test(arg) ? `${arg}=daemon` : arg.replace(/^-(?=,|!!)/, "STDIO");
}

/** Two halves that are stdin and stdout are stdio, in one piece. */
function whole(address: string): string {
  return address.replace(/^(?:-|STDIO|STDIN|0)!!(?:-|STDIO|STDOUT|1)(?=,|$)/i, "STDIO");
}

function logged(translation: Translation, file: string | undefined): Translation {
  if (file === undefined || !translation.words) return translation;
  const redirect = [translation.redirect, `2> ${shellWord(file)}`].filter(Boolean).join(" ");
  return { ...translation, redirect };
}

/** The command for two ends, in whichever order they stand. */
function join(left: SocatEnd, right: SocatEnd, draft: SocatDraft): Translation {
  const roles = [left.role, right.role];
  const one = (role: SocatEnd["role"]) => left.role === role ? left : right;
  const other = (end: SocatEnd) => end === left ? right : left;
  if (left.role === right.role && left.role !== "child") return none(left, draft);
  if (roles.includes("file")) {
    const sends = (draft.direction === "right") === (left.role === "file");
    return redirecting(one("file"), other(one("file")), sends, draft);
  }
  if (roles.includes("stdio")) {
    const sends = (draft.direction === "right") === (left.role === "stdio");
    const peer = other(one("stdio"));
    // A child keeps stdin or stdout where the direction doesn't need it (socat(1), EXEC).
    const oneWay = draft.direction && peer.role !== "child"
      ? [sends ? "--send-only" : "--recv-only"]
      : [];
    return talking(peer, oneWay, draft);
  }
  if (roles.includes("listen")) return serving(one("listen"), other(one("listen")), draft);
  if (roles.includes("echo")) {
    draft.notes.push("coax echoes where it listens; here a cat does it");
    return piping({ ...one("echo"), address: "exec:cat" }, other(one("echo")), draft);
  }
  const from = one("child");
  return piping(from, other(from), draft);
}

function none({ role, keyword }: SocatEnd, draft: SocatDraft): Translation {
  const why = role === "connect"
    ? "coax listens at one end of a relay, or runs a command there, and never dials both"
    : role === "listen"
    ? "coax listens at one end of a relay only"
    : role === "file"
    ? "cat does the same with a shell's < and >"
    : `nothing is left to do between two ${keyword}`;
  return { notes: [...draft.notes, why] };
}

/** stdin and stdout with anything else. */
function talking(end: SocatEnd, oneWay: readonly string[], draft: SocatDraft): Translation {
  if (end.role === "echo") return { notes: [...draft.notes, "cat does the same"] };
  const { linger } = draft;
  if (end.role === "listen" && end.fork && !oneWay.includes("--recv-only")) {
    draft.notes.push(
      "fork: with socat, a line of stdin goes to one of the connections; with -k, to all",
    );
  }
  return {
    words: [
      end.role === "listen" ? "server" : "client",
      ...end.role === "listen" && end.fork ? ["-k"] : [],
      ...oneWay,
      ...linger ? ["--linger", linger] : [],
      ...end.crlf ? ["--crlf"] : [],
      ...shared(end, draft),
      end.address,
    ],
    notes: [...differing(end, draft), ...draft.notes],
  };
}

/** A file with anything else: a shell opens it. */
function redirecting(
  file: SocatEnd,
  end: SocatEnd,
  sends: boolean,
  draft: SocatDraft,
): Translation {
  const { keyword, address } = file;
  const path = shellWord(address);
  if (!draft.direction) {
    draft.notes.push(`coax has nothing like ${keyword} in both directions, only with -u or -U`);
    return { notes: draft.notes };
  }
  if (end.role === "child" && sends) {
    return { ...talking(end, [], draft), redirect: `< ${path}` };
  }
  if (end.role !== "listen" && end.role !== "connect") {
    return none(file, draft);
  }
  if (sends && end.fork) { // Each connection gets the whole file.
    return serving(end, { ...file, role: "child", address: `exec:cat ${path}` }, draft);
  }
  if (!sends && !file.append && !file.truncate) {
    draft.notes.push("> empties the file first; socat without trunc writes over its beginning");
  }
  const operator = sends ? "<" : file.append ? ">>" : ">";
  const talk = talking(end, [sends ? "--send-only" : "--recv-only"], draft);
  return { ...talk, redirect: `${operator} ${path}` };
}

/** A listener with anything but stdio. */
function serving(listener: SocatEnd, target: SocatEnd, draft: SocatDraft): Translation {
  const options = [...shared(listener, draft), ...target.options];
  if (target.role === "echo") {
    if (!listener.fork) {
      draft.notes.push("without fork, socat ends after one connection; coax echo goes on");
    }
    return {
      words: ["echo", ...options, listener.address],
      notes: [...wide(listener), ...draft.notes],
    };
  }
  oneWayNote(draft);
  crlfNote(listener);
  const once = listener.fork ? [] : ["--once"];
  const crlf = target.crlf ? ["--crlf"] : [];
  return {
    words: ["relay", ...once, ...crlf, ...options, listener.address, target.address],
    notes: [...differing(listener, draft), ...draft.notes],
  };
}

/** A child at the first end, which a relay opens once. */
function piping(from: SocatEnd, to: SocatEnd, draft: SocatDraft): Translation {
  oneWayNote(draft);
  crlfNote(from);
  return {
    words: [
      "relay",
      ...to.crlf ? ["--crlf"] : [],
      ...shared(to, draft),
      ...from.options,
      from.address,
      to.address,
    ],
    notes: [...differing(to, draft), ...draft.notes],
  };
}

/** `--crlf` of a relay is about what goes to TO. */
function crlfNote({ crlf, keyword, notes }: SocatEnd): void {
  if (!crlf) return;
  notes.push(`crnl of ${keyword}: coax makes LF CRLF on the way to a relay's second address only`);
}

function oneWayNote({ direction, notes }: SocatDraft): void {
  if (direction) notes.push("-u and -U: a relay of coax carries both directions");
}

function shared({ options, role }: SocatEnd, draft: SocatDraft): string[] {
  const family = role === "connect" && draft.family ? [`-${draft.family}`] : [];
  return [...family, ...draft.options, ...options];
}

function wide({ listensWide }: SocatEnd): string[] {
  return listensWide
    ? [
      "socat listens on every interface, over IPv4; :PORT does so over IPv6 too, and PORT alone is this machine only",
    ]
    : [];
}

function differing(end: SocatEnd, { linger }: SocatDraft): string[] {
  const udp = end.address.startsWith("udp:");
  return [
    ...wide(end),
    ...udp
      ? [
        "UDP has no end: coax ends a conversation after --linger (1s) of silence once stdin has ended, and a relay's session after --idle-timeout (60s)",
      ]
      : linger
      ? [`-t: socat quits ${linger} after one side's end; coax after ${linger} of silence`]
      : [
        "after one side's end, socat waits half a second (-t) and quits; coax waits for the other side's own end",
      ],
    ...end.keyword.includes("SSL") && end.role === "listen"
      ? ["socat asks clients for a certificate unless verify=0; coax never does"]
      : [],
  ];
}

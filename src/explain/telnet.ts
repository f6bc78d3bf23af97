/** telnet(1), as a plain TCP client. */
import { adds, keeps, lacks, notes, usesFamily } from "./effects.ts";
import { assemble, NetcatDraft } from "./netcat/netcat.ts";
import { type OptionTable, readOptions } from "./options.ts";
import type { Tool } from "./translation.ts";

const OPTIONS: OptionTable<NetcatDraft> = {
  "-4": usesFamily(4),
  "-6": usesFamily(6),
  "-8 -L": notes("coax alters no byte anyway"),
  "-E -K -c": notes("coax has no escape character, logs in nowhere and reads no ~/.telnetrc"),
  "-d": adds("-v"),
  "-e=": lacks("an escape character"),
  "-a": lacks("logging in"),
  "-l=": lacks("logging in"),
  "-b=": keeps("sourceAddress"),
  "-n=": lacks("a trace file; see --record"),
  "-S=": lacks("type of service"),
  "-r -x": lacks("rlogin and encryption"),
};

export const telnet: Tool = {
  names: ["telnet"],
  translate(args) {
    const draft = new NetcatDraft("telnet", "23");
    const operands = readOptions("telnet", OPTIONS, args, draft);
    draft.talkOptions.push("--crlf");
    draft.note("telnet sends CRLF at the end of a line, and so does --crlf");
    draft.note("coax answers no negotiation: a real Telnet server's shows as bytes");
    draft.note("Ctrl-D ends your side, Ctrl-C leaves; there is no Ctrl-]");
    return assemble(draft, operands);
  },
};

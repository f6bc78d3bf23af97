/** socat's options before its addresses, and their effects. */
import { Draft, keeps, lacks, nothing, sendsOnly, takesDuration, usesFamily } from "../effects.ts";
import type { OptionTable } from "../options.ts";
import { durationOf } from "../translation.ts";

/** socat's command line, as its options fill it in. */
export class SocatDraft extends Draft {
  /** The only direction of bytes; `right` is from the first address to the second. */
  direction?: "right" | "left";
  linger?: string;
  family?: 4 | 6;
  /** The file for socat's log, instead of stderr. */
  logFile?: string;
}

const records = (draft: SocatDraft, value: string, option: string) =>
  void draft.notes.push(
    `${option} ${value}: socat writes one direction's bytes; see coax's --record for both`,
  );

/** Adds an option that coax needs once, however often socat has it. */
const once = (option: string) => ({ options }: SocatDraft) => {
  if (!options.includes(option)) options.push(option);
};

export const SOCAT_TABLE: OptionTable<SocatDraft> = {
  "-d -dd -ddd -dddd": once("-v"),
  "-v -x": once("-x"),
  "-u": sendsOnly("right"),
  "-U": sendsOnly("left"),
  "-t=": (draft, value, option) => {
    draft.linger = durationOf(option, value);
  },
  "-T=": takesDuration("--idle-timeout"),
  "-4": usesFamily(4),
  "-6": usesFamily(6),
  "-b=": (draft, value) =>
    void draft.notes.push(`-b ${value}: coax's buffer grows and shrinks by itself`),
  "-r=": records,
  "-R=": records,
  "-s": lacks("go on after errors"),
  "-D -g -lu -lh -ls": nothing,
  "-lp=": nothing,
  "-lf=": keeps("logFile"),
  "-ly=": lacks("syslog"),
  "-lm=": lacks("syslog"),
  "-L=": lacks("a lock file"),
  "-W=": lacks("a lock file"),
};

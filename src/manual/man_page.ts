/** Formats the man page in mdoc(7), from the same tables as help. */
import { type Flag, flagName, listedFlags } from "../flags/flag.ts";
import type { Usage } from "../flags/usage.ts";
import { headingOf, optionHelp, SUMMARY } from "./help.ts";
import { type Row, wrap } from "./layout.ts";
import { topics } from "./topics/mod.ts";
import type { Section, Topic } from "./topics/topic.ts";

/** The source of coax(1). `date` has the form `November 23, 2026`. */
export function manPage(commands: readonly Usage[], date: string): string {
  return [
    `.Dd ${date}`,
    ".Dt COAX 1",
    ".Os",
    ".Sh NAME",
    ".Nm coax",
    `.Nd ${SUMMARY}`,
    ".Sh SYNOPSIS",
    ...commands.flatMap(({ name, operands }) => [
      ".Nm",
      `.Cm ${name}`,
      ".Op Ar options",
      `.Ar ${macroArguments(operands)}`,
    ]),
    ".Nm",
    ".Fl Fl version",
    ".Sh DESCRIPTION",
    ".Nm",
    ...filled(
      "listens, connects, echoes and relays, over TCP, TLS, UDP, Unix sockets, WebSocket and " +
        "child processes. What is received goes to stdout and everything else to stderr; bytes " +
        "are never altered unless an option asks for it.",
    ),
    ".Pp",
    ...filled(
      "Durations are written as 500ms, 10s, 2m or 1h. Sizes in k, kB, M, MB, G and GB are powers " +
        "of 1000, in KiB, MiB and GiB of 1024. Rates are a size and /s.",
    ),
    ".Sh COMMANDS",
    ...commands.flatMap(commandSection),
    ...commonOptions(commands),
    ...topics.flatMap(topicSection),
    ".Sh SEE ALSO",
    ".Xr nc 1 ,",
    ".Xr ncat 1 ,",
    ".Xr socat 1",
    "",
  ].filter((line, i, all) => line !== "" || i === all.length - 1).join("\n");
}

const COMMON = "Everywhere";

function commandSection({ name, operands, summary, flags, examples }: Usage): string[] {
  const own = listedFlags(flags).filter(([, flag]) => headingOf(flag) !== COMMON);
  return [
    `.Ss coax ${name} ${macroArguments(operands)}`,
    ...filled(`${summary[0]!.toUpperCase()}${summary.slice(1)}.`),
    ...own.length > 0 ? optionList(own) : [],
    ".Pp",
    "Examples:",
    ...exampleList(examples),
  ];
}

/** The options that every command has. */
function commonOptions(commands: readonly Usage[]): string[] {
  const common = Object.entries(commands[0]!.flags)
    .filter(([, flag]) => headingOf(flag) === COMMON);
  return [".Sh OPTIONS", "Every command takes:", ...optionList(common)];
}

function optionList(options: readonly (readonly [string, Flag<unknown>])[]): string[] {
  return [
    ".Bl -tag -width Ds",
    ...options.flatMap(([key, flag]) => [optionItem(key, flag), ...filled(sentence(flag))]),
    ".El",
  ];
}

function optionItem(key: string, { short, value, lone }: Flag<unknown>): string {
  const long = `Fl Fl ${flagName(key)}`;
  const optional = lone === undefined ? "" : " Op";
  const argument = value ? `${optional} Ar ${macroArguments(value)}` : "";
  return `.It ${short ? `Fl ${macroArguments(short)} , ` : ""}${long}${argument}`;
}

function sentence(flag: Flag<unknown>): string {
  return optionHelp({ ...flag, shown: flag.shown && `default ${flag.shown}` });
}

function topicSection({ name, summary, sections }: Topic): string[] {
  return [
    `.Sh ${name.replace("-", " ").toUpperCase()}`,
    ...filled(`${summary[0]!.toUpperCase()}${summary.slice(1)}:`),
    ...sections.flatMap(topicPart),
  ];
}

function topicPart({ heading, text, rows, lines }: Section): string[] {
  return [
    ...heading ? [`.Ss ${macroArguments(heading)}`] : [],
    ...text ? [".Pp", ...filled(text)] : [],
    ...rows ? tagged(rows) : [],
    ...lines ? exampleList(lines) : [],
  ];
}

function tagged(rows: readonly Row[]): string[] {
  return [
    ".Bl -tag -width Ds",
    ...rows.flatMap(([term, meaning]) => [`.It ${macroArguments(term)}`, ...filled(meaning)]),
    ".El",
  ];
}

function exampleList(rows: readonly Row[]): string[] {
  return [
    ".Bl -tag -width Ds",
    ...rows.flatMap(([line, meaning]) => [`.It Li ${macroArguments(line)}`, ...filled(meaning)]),
    ".El",
  ];
}

/** Lines of body text: short, each sentence on new ones, none that looks like a request. */
function filled(text: string): string[] {
  return escape(text).split(/(?<=[^.]\.) /).flatMap((sentence) => wrap(sentence, 78))
    .map((line) => line.replace(/^(?=[.'])/, "\\&"));
}

/** Words as arguments of a macro, escaped where a word looks like a macro or a delimiter. */
function macroArguments(text: string): string {
  return escape(text).split(" ").map((word) => {
    const before = /^[A-Z][a-z]$|^[!-/:;?[\]|]/.test(word) ? "\\&" : "";
    const after = /[.\]]$/.test(word) ? "\\&" : "";
    return before + word.replaceAll('"', "\\(dq") + after;
  }).join(" ");
}

/** Escapes the characters that are special to roff (groff_char(7)). */
function escape(text: string): string {
  return text
    .replaceAll("\\", "\\e")
    .replaceAll("-", "\\-")
    .replaceAll("'", "\\(aq")
    .replaceAll("`", "\\(ga")
    .replaceAll("^", "\\(ha")
    .replaceAll("~", "\\(ti")
    .replaceAll("…", "...");
}

/** Formats help from the tables that the parser reads. */
import { type Flag, flagName, listedFlags } from "../flags/flag.ts";
import type { Usage } from "../flags/usage.ts";
import { columns, examples, type Row, termWidth, wrap } from "./layout.ts";
import { SHORT_ADDRESSES } from "./topics/addresses.ts";
import type { Topic } from "./topics/topic.ts";

/** One line about coax, for help, man page and packages. */
export const SUMMARY = "both ends of a socket";

/** `coax --help`, for a terminal of `width` columns. */
export function overview(commands: readonly Usage[], width: number): string {
  const lines = commands.map(({ name, operands, summary }): Row => {
    return [`coax ${name} ${operands}`, summary];
  });
  return `coax: ${SUMMARY}

${columns(lines, width)}
  coax COMMAND --help · coax --help · coax --version

Addresses
${columns(SHORT_ADDRESSES, width)}

A first conversation, in two terminals:
  coax server 9000
  coax client 9000
`;
}

/** What `coax` alone says, before its error: the commands, and where to begin. */
export function shortHelp(commands: readonly Usage[]): string[] {
  const rows = commands.map(({ name, summary }): Row => [`coax ${name}`, summary]);
  return [
    `coax, ${SUMMARY}`,
    "",
    ...columns(rows, SHORT_WIDTH).split("\n"),
    "",
    "A first conversation, in two terminals: coax server 9000, and coax client 9000",
    "",
  ];
}

/** Columns of `shortHelp`. */
const SHORT_WIDTH = 80;

/** `coax COMMAND --help`, for a terminal of `width` columns. */
export function commandHelp(command: Usage, width: number): string {
  const { name, operands, summary, first = [] } = command;
  const listed = new Map(
    listedFlags(command.flags).map(([key, flag]): [string, Row] => [
      key,
      [usage(key, flag), optionHelp(flag)],
    ]),
  );
  const termColumns = termWidth([...listed.values()], width);
  const section = (heading: string, keys: readonly string[]) =>
    `${heading}\n${columns(keys.map((key) => listed.get(key)!), width, termColumns)}`;
  const others = [...listed.keys()].filter((key) => !first.includes(key));
  const groups = Map.groupBy(others, (key) => headingOf(command.flags[key]!));
  return [
    wrap(`coax ${name} ${operands}: ${summary}`, width).join("\n"),
    ...first.length > 0 ? [section("Most used", first)] : [],
    `Examples\n${examples(command.examples, width)}`,
    ...[...groups].map(([heading, keys]) => section(heading, keys)),
  ].join("\n\n") + "\n";
}

/** `coax help TOPIC`, for a terminal of `width` columns. */
export function topicHelp({ name, summary, sections }: Topic, width: number): string {
  return [
    wrap(`coax help ${name}: ${summary}`, width).join("\n"),
    ...sections.map(({ heading, text, rows, lines }) =>
      [
        heading ?? [],
        text ? wrap(text, width) : [],
        rows ? columns(rows, width) : [],
        lines ? examples(lines, width) : [],
      ].flat().join("\n")
    ),
  ].join("\n\n") + "\n";
}

/** The heading of an option's group. */
export function headingOf(flag: Flag<unknown>): string {
  return flag.group ?? "Options";
}

/** What an option does, with its default. */
export function optionHelp({ help, shown }: Flag<unknown>): string {
  return shown ? `${help} (${shown})` : help;
}

/** An option's value behind its name: ` FILE`, or ` [FILE]` where it may be left out. */
export function valueOf({ value, lone }: Flag<unknown>): string {
  if (!value) return "";
  return lone === undefined ? ` ${value}` : ` [${value}]`;
}

function usage(key: string, flag: Flag<unknown>): string {
  const short = flag.short ? `-${flag.short}, ` : "    ";
  return `${short}--${flagName(key)}${valueOf(flag)}`;
}

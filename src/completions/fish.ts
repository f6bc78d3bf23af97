/** Completions for fish. */
import {
  type CommandModel,
  OPEN_PREFIXES,
  PATH_PREFIXES,
  type Place,
  TOP_LEVEL,
  WHOLE_ADDRESSES,
} from "./model.ts";

/** The script: one `complete` for each option and each place of an operand. */
export function fish(commands: readonly CommandModel[]): string {
  const first = commands.map(({ name, summary }) =>
    `complete -c coax -n __coax_first -a ${name} -d ${quote(summary)}`
  );
  const top = TOP_LEVEL.map((option) => `complete -c coax -n __coax_first -l ${option.slice(2)}`);
  return `# fish completion for coax. In config.fish: coax completions fish | source

function __coax_first
    test (count (commandline -opc)) -eq 1
end

function __coax_in
    set -l words (commandline -opc)
    test (count $words) -gt 1; and test $words[2] = $argv[1]
end

${OPERANDS}
function __coax_addresses
    printf '%s\\n' ${[...OPEN_PREFIXES, ...WHOLE_ADDRESSES].map(quote).join(" ")}
    for prefix in ${PATH_PREFIXES.join(" ")}
        set -l path (string replace -- $prefix '' (commandline -ct))
        and printf "$prefix%s\\n" $path*
    end
end

complete -c coax -f
${[...first, ...top, ...commands.flatMap(optionsOf), ...commands.flatMap(operandsOf)].join("\n")}
`;
}

/** Values of options are no operands, so they have to be known when operands are counted. */
const OPERANDS =
  `# Whether the operand with this number comes next; "..." stands for any from there on.
function __coax_operand # COMMAND NUMBER OPTIONS-WITH-VALUES
    __coax_in $argv[1]; or return
    set -l valued (string split ' ' -- $argv[3])
    set -l count 0
    set -l skip 0
    for word in (commandline -opc)[3..]
        if test $skip = 1
            set skip 0
        else if test "$word" = --
            return 1
        else if contains -- $word $valued
            set skip 1
        else if not string match -q -- '-?*' $word
            set count (math $count + 1)
        end
    end
    test $skip = 0; or return
    set -l number (string replace '...' '' -- $argv[2])
    test $count = $number; or begin
        test $number != $argv[2]; and test $count -gt $number
    end
end
`;

function optionsOf({ name, options }: CommandModel): string[] {
  return options.map(({ long, short, help, value }) =>
    [
      `complete -c coax -n '__coax_in ${name}' -l ${long}`,
      short ? `-s ${short}` : "",
      `-d ${quote(help)}`,
      value ? `-r ${offers(value.place)}` : "",
    ].filter(Boolean).join(" ")
  );
}

function operandsOf({ name, options, operands, open }: CommandModel): string[] {
  const valued = options.flatMap(({ long, short, value }) =>
    value ? [`--${long}`, ...short ? [`-${short}`] : []] : []
  );
  return operands.flatMap(({ place }, i) => {
    const number = open && i === operands.length - 1 ? `${i}...` : `${i}`;
    const condition = `__coax_operand ${name} ${number} "${valued.join(" ")}"`;
    const offered = offers(place);
    return offered === "-f" ? [] : [`complete -c coax -n ${quote(condition)} ${offered}`];
  });
}

function offers({ words, files, addresses }: Place): string {
  const lists = [...words, ...addresses ? ["(__coax_addresses)"] : []];
  return `${files ? "-F" : "-f"}${lists.length > 0 ? ` -a ${quote(lists.join(" "))}` : ""}`;
}

/** One word for fish. */
function quote(text: string): string {
  return `'${text.replace(/[\\']/g, "\\$&")}'`;
}

/** Completions for zsh, through its own `_arguments`. */
import {
  type CommandModel,
  OPEN_PREFIXES,
  type OptionModel,
  PATH_PREFIXES,
  type Place,
  WHOLE_ADDRESSES,
} from "./model.ts";

/** The script: as a file `_coax` in a folder of `fpath`, or sourced after `compinit`. */
export function zsh(commands: readonly CommandModel[]): string {
  return `#compdef coax
# zsh completion for coax. In ~/.zshrc, after compinit: source <(coax completions zsh)

_coax_addresses() {
  if compset -P '(${PATH_PREFIXES.join("|")})'; then
    _files
  else
    compadd -S '' -- ${OPEN_PREFIXES.join(" ")}
    compadd -- ${WHOLE_ADDRESSES.join(" ")}
  fi
}

_coax_commands() {
  local -a commands=(
${commands.map(({ name, summary }) => `    ${quote(`${name}:${summary}`)}`).join("\n")}
  )
  _describe command commands
}

_coax() {
  local curcontext=$curcontext state line
  _arguments -C '(- *)'{-h,--help}'[show help]' '(- *)'{-V,--version}'[show the version]' \\
    '1: :_coax_commands' '*:: :->arguments' && return
  [[ $state == arguments ]] || return
  case $words[1] in
${commands.map(commandOf).join("\n")}
  esac
}

if [[ $funcstack[1] == _coax ]]; then
  _coax "$@"
else
  compdef _coax coax
fi
`;
}

function commandOf({ name, options, operands, open, program }: CommandModel): string {
  const places = operands.map(({ name, place }, i) => {
    const number = open && i === operands.length - 1 ? "*" : `${i + 1}`;
    return quote(`${number}:${escape(name)}:${action(place)}`);
  });
  const specs = [...options.map(optionOf), ...places].map((spec) => `        ${spec}`);
  const behind = program
    ? `      if (( $words[(I)--] && $words[(I)--] < CURRENT )); then
        local -i start=$words[(I)--]
        shift start words
        (( CURRENT -= start ))
        _normal
        return
      fi
`
    : "";
  return `    ${name})
${behind}      _arguments -s -S \\
${specs.join(" \\\n")}
      ;;`;
}

function optionOf({ long, short, help, repeat, value }: OptionModel): string {
  const spec = `[${escape(help)}]${value ? `:${escape(value.name)}:${action(value.place)}` : ""}`;
  const names = [...short ? [`-${short}${value ? "+" : ""}`] : [], `--${long}${value ? "=" : ""}`];
  const others = short ? `(-${short} --${long})` : "";
  const before = repeat ? "*" : others;
  const written = names.length > 1 ? `{${names.join(",")}}` : names[0]!;
  return `${before ? quote(before) : ""}${written}${quote(spec)}`;
}

function action({ words, files, addresses }: Place): string {
  if (addresses) return "_coax_addresses";
  if (files) return "_files";
  return words.length > 0 ? `(${words.join(" ")})` : " ";
}

/** What has a meaning in a specification of `_arguments`. */
function escape(text: string): string {
  return text.replace(/[\\[\]:]/g, "\\$&");
}

/** One word for zsh. */
function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

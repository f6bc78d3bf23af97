/** Completions for bash (from 3.2 on, without the package bash-completion). */
import {
  type CommandModel,
  OPEN_PREFIXES,
  PATH_PREFIXES,
  type Place,
  TOP_LEVEL,
  WHOLE_ADDRESSES,
} from "./model.ts";

/** The script: tables from the commands, and the same few functions for all of them. */
export function bash(commands: readonly CommandModel[]): string {
  const names = [...commands.map(({ name }) => name), ...TOP_LEVEL].join(" ");
  return `# bash completion for coax. In ~/.bashrc: source <(coax completions bash)

_coax_options() {
  case $1 in
${commands.map(optionsOf).join("\n")}
  esac
}

# What an option's value can be: words, @files, @addresses, or @any; nothing for a switch.
_coax_value() {
  case $1 in
${commands.map(valuesOf).join("\n")}
  esac
}

# What the operand with this number can be.
_coax_operand() {
  case $1:$2 in
${commands.flatMap(operandsOf).join("\n")}
  esac
}

${WORDS}
# Adds to COMPREPLY what \`current\` can become, with \`before\` in front.
_coax_offer() {
  local place path
  for place in $1; do
    case $place in
      @files)
        _coax_files "$before" "$current"
        ;;
      @addresses)
        for path in ${PATH_PREFIXES.join(" ")}; do
          [[ $current == "$path"* ]] && _coax_files "$before$path" "\${current#"$path"}"
        done
        for path in ${OPEN_PREFIXES.join(" ")}; do
          if [[ $path == "$current"* && $path != "$current" ]]; then
            COMPREPLY+=("$before$path")
            compopt -o nospace 2>/dev/null
          fi
        done
        for path in ${WHOLE_ADDRESSES.join(" ")}; do
          [[ $path == "$current"* ]] && COMPREPLY+=("$before$path")
        done
        ;;
      @any) ;;
      *)
        [[ $place == "$current"* ]] && COMPREPLY+=("$before$place")
        ;;
    esac
  done
}

${FILES}
_coax() {
  local words=() count=0 current before='' place='' command operand=0 i word value
  COMPREPLY=()
  _coax_words
  current=\${words[count - 1]}
  command=\${words[1]}
  if ((count <= 2)); then
    _coax_offer '${names}'
    return
  fi
${WALK}
  if [[ -n $place ]]; then
    :
  elif [[ $current == --*=* ]]; then
    before=\${current%%=*}=
    place=$(_coax_value "$command" "\${current%%=*}")
    current=\${current#*=}
  elif [[ $current == -* ]]; then
    place="$(_coax_options "$command") $(_coax_operand "$command" "$operand")"
  else
    place=$(_coax_operand "$command" "$operand")
  fi
  _coax_offer "$place"
  _coax_trim
}

complete -F _coax coax
`;
}

/** COMP_WORDS splits at ":" and "="; an address is one word, though. */
const WORDS =
  `# Fills \`words\` and \`count\` with the words up to the cursor, as the shell will see them.
_coax_words() {
  local rest=\${COMP_LINE:0:COMP_POINT} word blank i
  for ((i = 0; i <= COMP_CWORD; i++)); do
    word=\${COMP_WORDS[i]}
    blank=\${rest%%[![:space:]]*}
    rest=\${rest#"$blank"}
    ((i == COMP_CWORD)) && word=$rest
    if ((count == 0)) || [[ -n $blank ]]; then
      words[count]=$word
      ((count += 1))
    else
      words[count - 1]+=$word
    fi
    rest=\${rest#"$word"}
  done
}

# Readline replaces only what stands after the last ":" or "=".
_coax_trim() {
  local whole=$before$current breaks=\${COMP_WORDBREAKS//[^:=]/} kept i
  [[ -n $breaks && $whole == *["$breaks"]* ]] || return
  kept=\${whole%"\${whole##*["$breaks"]}"}
  for i in "\${!COMPREPLY[@]}"; do
    COMPREPLY[i]=\${COMPREPLY[i]#"$kept"}
  done
}
`;

const FILES = `_coax_files() {
  local file
  compopt -o filenames 2>/dev/null
  while IFS= read -r file; do
    COMPREPLY+=("$1$file")
  done < <(compgen -f -- "$2")
}
`;

const WALK = `  for ((i = 2; i < count - 1; i++)); do
    word=\${words[i]}
    case $word in
      --)
        place=@any
        operand=0
        ;;
      --*=*) ;;
      --*) value=$(_coax_value "$command" "$word") ;;
      -?*) value=$(_coax_value "$command" "-\${word: -1}") ;;
      *) ((operand += 1)) ;;
    esac
    if [[ -n $value ]]; then
      ((i + 1 == count - 1)) && place=$value
      ((i += 1))
      value=''
    fi
  done`;

function optionsOf({ name, options }: CommandModel): string {
  const written = options.flatMap((
    { long, short },
  ) => [...short ? [`-${short}`] : [], `--${long}`]);
  return `    ${name}) echo '${written.join(" ")}' ;;`;
}

/** The options of one command by what their value can be. */
function valuesOf({ name, options }: CommandModel): string {
  const valued = options.flatMap(({ long, short, value }) =>
    value
      ? [{ written: [...short ? [`-${short}`] : [], `--${long}`], place: tokens(value.place) }]
      : []
  );
  const cases = [...Map.groupBy(valued, ({ place }) => place)].map(([place, same]) => {
    const patterns = same.flatMap(({ written }) => written).join("|");
    return `        ${patterns}) echo '${place}' ;;`;
  });
  return `    ${name})\n      case $2 in\n${cases.join("\n")}\n      esac\n      ;;`;
}

function operandsOf({ name, operands, open }: CommandModel): string[] {
  return operands.map(({ place }, i) => {
    const number = open && i === operands.length - 1 ? "*" : i;
    return `    ${name}:${number}) echo '${tokens(place)}' ;;`;
  });
}

function tokens({ words, files, addresses }: Place): string {
  const all = [...words, ...files ? ["@files"] : [], ...addresses ? ["@addresses"] : []];
  return all.join(" ") || "@any";
}

/**
 * Completions for bash (from 3.2 on, without the package bash-completion).
 *
 * COMP_WORDS splits at ":" and "=", where an address is one word, so the words are joined again.
 * Readline replaces only what follows the last of these characters, and passes that as `$2`.
 */
export const bash = `# bash completion for coax. In ~/.bashrc: source <(coax completions bash)

# Fills \`words\` and \`count\` with the words up to the cursor, as the shell will see them.
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

_coax() {
  local words=() count=0 quotes=$'["\\'\\\\\\\\]' current kept kind='' where word
  COMPREPLY=()
  _coax_words
  current=\${words[count - 1]//$quotes/}
  kept=\${current%"\${2//$quotes/}"}
  while IFS=$'\\t' read -r word _; do
    if [[ -z $kind ]]; then
      kind=\${word%% *} where=\${word#* }
    elif [[ $word == "$current"* ]]; then
      [[ $word == *[:/=] ]] && compopt -o nospace 2>/dev/null
      COMPREPLY+=("\${word#"$kept"}")
    fi
  done < <(command coax __complete $((count - 2)) "\${words[@]:1}" 2>/dev/null)
  case $kind in
    files) ;;
    program) where='' ;;
    *) return ;;
  esac
  compopt -o filenames 2>/dev/null
  while IFS= read -r word; do
    word=$where$word
    COMPREPLY+=("\${word#"$kept"}")
  done < <(compgen -f -- "\${current#"$where"}")
}

complete -F _coax coax
`;

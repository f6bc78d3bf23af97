/** Completions for zsh: as a file `_coax` in a folder of `fpath`, or sourced after `compinit`. */
export const zsh = `#compdef coax
# zsh completion for coax. In ~/.zshrc, after compinit: source <(coax completions zsh)

_coax() {
  local -a lines own whole open
  local line word ret=1
  lines=("\${(@f)$(command coax __complete $((CURRENT - 2)) "\${(@Q)words[2,CURRENT - 1]}" \\
    "\${(Q)PREFIX}" 2>/dev/null)}")
  own=("\${(@s: :)lines[1]}")
  if [[ $own[1] == program ]]; then
    shift $((own[2] + 1)) words
    ((CURRENT -= own[2] + 1))
    _normal
    return
  fi
  for line in $lines[2,-1]; do
    word=\${line%%$'\\t'*}
    line=\${word//:/\\\\:}\${\${\${line#$word}/$'\\t'/:}//\\\\/\\\\\\\\}
    if [[ $word == *[:/=] ]]; then open+=($line); else whole+=($line); fi
  done
  _describe coax whole -- open -S '' && ret=0
  [[ $own[1] == files ]] && compset -P "\${(b)own[2]}" && _files && ret=0
  return ret
}

if [[ $funcstack[1] == _coax ]]; then
  _coax "$@"
else
  compdef _coax coax
fi
`;

# Completion of idv for bash: asks the program itself. Source this file, or install it as
# share/bash-completion/completions/idv.

_idv() {
  # bash breaks words at = and :, which fields contain; the line is split at blanks instead
  local line=${COMP_LINE:0:COMP_POINT} current words candidate about
  read -ra words <<<"$line"
  [[ $line == *[[:blank:]] ]] && words+=("")
  current=${words[-1]}

  # what bash takes for the word to replace is what follows the last = or :
  local before=""
  [[ $COMP_WORDBREAKS == *=* && $current == *=* ]] && before=${current%"${current##*=}"}

  COMPREPLY=()
  while IFS=$'\t' read -r candidate about; do
    if [[ $candidate == :files ]]; then
      compopt -o filenames 2>/dev/null
      mapfile -t COMPREPLY < <(compgen -f -- "$current")
      return
    fi
    COMPREPLY+=("${candidate#"$before"}")
  done < <("${words[0]}" __complete "${words[@]:1}" 2>/dev/null)

  # a field waits for its value
  [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == *= ]] && compopt -o nospace 2>/dev/null
  return 0
}

complete -F _idv idv

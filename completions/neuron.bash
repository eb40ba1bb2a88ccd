# Printed by `neuron describe --completions`; edit the command's row instead.
_neuron_words() {
  case "$1" in
    '') echo 'compile packager profile disassemble -h --help --version';;
    'compile') echo '-h --help -o --output --target --dim --name --dump-graph';;
    'packager') echo '-h --help';;
    'profile') echo 'view -h --help';;
    'profile view') echo '-h --help -n --neff-path -s --session-file --output-format --output-file --display-name --data-path --force --ingest-only --host --port --show-preamble --terminology -d --session-dir --db-endpoint --db-org --db-bucket';;
    'disassemble') echo '-h --help --engine --subgraph --json';;
  esac
}
_neuron_values() {
  case "$1" in
    'compile -o') echo '@file';;
    'compile --output') echo '@file';;
    'compile --target') echo 'trn1 inf2 trn2';;
    'compile --dim') echo '@file';;
    'compile --name') echo '@file';;
    'profile view -n') echo '@file';;
    'profile view --neff-path') echo '@file';;
    'profile view -s') echo '@file';;
    'profile view --session-file') echo '@file';;
    'profile view --output-format') echo '@file';;
    'profile view --output-file') echo '@file';;
    'profile view --display-name') echo '@file';;
    'profile view --data-path') echo '@file';;
    'profile view --host') echo '@file';;
    'profile view --port') echo '@file';;
    'profile view -d') echo '@file';;
    'profile view --session-dir') echo '@file';;
    'profile view --db-endpoint') echo '@file';;
    'profile view --db-org') echo '@file';;
    'profile view --db-bucket') echo '@file';;
    'disassemble --engine') echo 'pe act pool dve sp';;
    'disassemble --subgraph') echo '@file';;
  esac
}
_neuron() {
  local word=${COMP_WORDS[COMP_CWORD]} path= next known values
  local tool=${COMP_WORDS[0]##*/}
  case $tool in neuron-cc) path=compile;; neuron-*) path=${tool#neuron-};; esac
  for next in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    known=" $(_neuron_words "$path") "
    case $next in -*) continue;; esac
    case $known in *" $next "*) path=${path:+$path }$next;; esac
  done
  values=$(_neuron_values "$path ${COMP_WORDS[COMP_CWORD-1]}")
  known=$(_neuron_words "$path")
  if [[ $values == @file ]]; then
    COMPREPLY=($(compgen -f -- "$word"))
  elif [[ -n $values ]]; then
    COMPREPLY=($(compgen -W "$values" -- "$word"))
  elif [[ $word == -* || " $known" != *" -"* || " $known" == *" "[a-z]* ]]; then
    COMPREPLY=($(compgen -W "$known" -- "$word"))
  else
    COMPREPLY=($(compgen -f -- "$word"))
  fi
}
complete -o filenames -F _neuron neuron neuron-packager neuron-profile neuron-cc

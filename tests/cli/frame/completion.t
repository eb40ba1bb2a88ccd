Each shell completes commands, options and the values of options, also under the installed names.
Needs: fish zsh

  $ neuron describe --completions completions

Bash.

  $ cat > complete.bash <<'end'
  > . ./completions/neuron.bash
  > COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)); _neuron; echo "${COMPREPLY[@]}"
  > end
  $ bash -n completions/neuron.bash
  $ bash complete.bash neuron pro
  profile
  $ bash complete.bash neuron packager --he
  --help
  $ bash complete.bash neuron-packager inf
  info
  $ bash complete.bash neuron compile --target in
  inf1 inf2
  $ bash complete.bash neuron run --output-dir complet
  completions
  $ bash complete.bash neuron run --top complet

Fish; what follows a tab is the description.

  $ printf '%s\n' '. completions/neuron.fish' 'complete -C "$argv"' > complete.fish
  $ fish complete.fish 'neuron prof'
  profile	Record where the time of a NEFF goes, and look at it
  $ fish complete.fish 'neuron packager info --json-o'
  --json-output	print JSON
  $ fish complete.fish 'neuron-packager inf'
  info	Show the header of a NEFF, its subgraphs and its CPU operators
  $ fish complete.fish 'neuron compile --target in'
  inf1	what to compile for; what NEURON_SIM_INSTANCE names, else trn2, when not given
  inf2	what to compile for; what NEURON_SIM_INSTANCE names, else trn2, when not given
  $ fish complete.fish 'neuron run --output-dir complet'
  completions/	Directory
  $ fish complete.fish 'neuron run --top complet'

Zsh, with a stand-in for its function that draws the choices.

  $ cat > complete.zsh <<'end'
  > words=("$@") CURRENT=$#
  > _arguments() { print -rl -- "$@" }
  > . ./completions/_neuron
  > end
  $ zsh -f complete.zsh neuron pro | tail -n 1
  *:command:(<any>packager<any>)
  $ zsh -f complete.zsh neuron-packager inf | tail -n 1
  *:command:(<any>info<any>)
  $ zsh -f complete.zsh neuron compile --target in | grep -e --target
  --target[what to compile for; what NEURON_SIM_INSTANCE names, else trn2, when not given]:value:(inf1 trn1 trn1n inf2 trn2)
  $ zsh -f complete.zsh neuron run --out | grep -e '^--output-dir' -e '^--top'
  --output-dir[directory for outputs, made when missing]:directory:_files -/
  --top[show the K largest elements of each output]:value: 

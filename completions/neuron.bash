# Printed by `neuron describe --completions`; edit the command's row instead.
_neuron_words() {
  case "$1" in
    '') echo 'compile compile-saved-model run collectives packager profile disassemble assemble debug ls top monitor -h --help --version';;
    'compile') echo '-h --help --model -o --output --framework --io-config --target --dim --value --name --neuroncore-pipeline-cores --num-neuroncores --num-tpbs --tensor-parallel --data-parallel --lnc --logical-nc-config --enable-fast-loading-neuron-binaries --list-operators --no-cache --show-cache --clear-cache --trim-cache --auto-cast --auto-cast-type --fp32-cast --fast-math --verbose --debug --logfile --save-stages --pipeline --guidance --report --json --dump-graph --model-type -O --optlevel --distribution-strategy --native-int64 --implicit-integer-downcast --enable-saturate-infinity --enable-fast-context-switch --enable-mixed-precision-accumulation --disable-mixed-precision-accumulation --extract-weights --reduce-neff-size';;
    'compile-saved-model') echo '-h --help --in_saved_model --out_saved_model --input_data_shapes --dim --target --neuroncore-pipeline-cores --report';;
    'run') echo '-h --help -o --output-dir --npy --no-save --top --labels --json --expect --rtol --atol --interpret --num-exec --duration --warm-up --threads --in-flight --rate --transfers --percentile --times --determinism --npz --fill --seed --with --check-races --poison --trace --dump --what-if --clock-from --ranks --predict';;
    'collectives') echo '-h --help -r --nworkers -N --nnodes -s --hosts --hosts-file --rsh --non-interactive -b --minbytes -e --maxbytes -i --stepbytes -f --stepfactor -d --datatype -n --iters -w --warmup_iters -I --neff_iters -W --neff_warmup_iters -c --check --unique-buff --shared-output-buff --seed --custom-replica-groups --custom-src-target-pairs --variable-size-op-metadata -t --stats --show-input-output-size --show-algorithm --predict --report-to-json-file --debug --json';;
    'packager') echo 'create diff extract info optimize unpack verify -h --help -v --version';;
    'packager create') echo '-h --help -i --input -v --tool-version -k --neff-version -r --header-version -n --name -t --num-nc -o --output -e --enable-feature --uuid --compress --level --max-members --max-size --max-ratio';;
    'packager diff') echo '-h --help --json --json-schema';;
    'packager extract') echo '-h --help -o --output -l --list --json --json-schema';;
    'packager info') echo '-h --help -w --show-weights -s --show-spills --memory --json-output --json --json-schema';;
    'packager optimize') echo '-h --help --keep-debug -o --output --max-members --max-size --max-ratio';;
    'packager unpack') echo '-h --help -o --output -f --force --max-members --max-size --max-ratio';;
    'packager verify') echo '-h --help --json --json-schema --strict';;
    'profile') echo 'capture view compare inspect show-session -h --help -v --version';;
    'profile capture') echo '-h --help -n --neff -s --session-file --num-exec --profile-nth-exec --ignore-exec-errors --disable-profile -t --capture-type --exec-mode --systrace-get-event-types --save-output --save-output-npy --check-output-determinism -r --collectives-workers-per-node --collectives-worker-count --collectives-worker-start-id -i --collectives-profile-id -m --multi-input';;
    'profile view') echo '-h --help -n --neff-path -s --session-file -d --session-dir --show-preamble --show-host --ignore-instruction-trace --ignore-dma-trace --ignore-event-trace --output-format --output-file --show-perfetto-flows --insights --terminology --display-name --data-path --force --ingest-only --host --port --disable-ui --db-endpoint --db-org --db-bucket';;
    'profile compare') echo '-h --help -n --neff-path --fail-if --data-path --all --json';;
    'profile inspect') echo '-h --help -o --output-dir -n --num-trace-events --capture-system-profiles --capture-device-profiles';;
    'profile show-session') echo '-h --help -s --session-file -n --neff -j --json --show-trace --show-dma';;
    'disassemble') echo '-h --help --engine --subgraph --json --assembly';;
    'assemble') echo '-h --help -o --output';;
    'debug') echo '-h --help --script';;
    'ls') echo '-h --help -w --wide -a --show-all-procs -t --topology -j --json-output';;
    'top') echo '-h --help --once --json --flops --interval --tag --width';;
    'monitor') echo '-h --help -c --config-file --verbose --prometheus --host --cloudwatch-emf --namespace --count --grafana-dashboard';;
  esac
}
_neuron_values() {
  case "$1" in
    'compile --model') echo '@other';;
    'compile -o') echo '@file';;
    'compile --output') echo '@file';;
    'compile --framework') echo 'ONNX TENSORFLOW MXNET XLA';;
    'compile --io-config') echo '@other';;
    'compile --target') echo 'inf1 trn1 trn1n inf2 trn2';;
    'compile --dim') echo '@other';;
    'compile --value') echo '@file';;
    'compile --name') echo '@other';;
    'compile --neuroncore-pipeline-cores') echo '@other';;
    'compile --num-neuroncores') echo '@other';;
    'compile --num-tpbs') echo '@other';;
    'compile --tensor-parallel') echo '@other';;
    'compile --data-parallel') echo '@other';;
    'compile --lnc') echo '@other';;
    'compile --logical-nc-config') echo '@other';;
    'compile --trim-cache') echo '@other';;
    'compile --auto-cast') echo 'none matmult all';;
    'compile --auto-cast-type') echo 'bf16 fp16 tf32 fp8_e4m3';;
    'compile --fp32-cast') echo '@other';;
    'compile --fast-math') echo '@other';;
    'compile --verbose') echo '@other';;
    'compile --logfile') echo '@file';;
    'compile --save-stages') echo '@directory';;
    'compile --pipeline') echo '@other';;
    'compile --report') echo 'text json';;
    'compile --model-type') echo 'generic transformer unet-inference';;
    'compile -O') echo '1 2 3';;
    'compile --optlevel') echo '1 2 3';;
    'compile --distribution-strategy') echo 'llm-training';;
    'compile --native-int64') echo 'default enabled disabled';;
    'compile --implicit-integer-downcast') echo 'default all none dot scatter all_reduce reduce_scatter pow';;
    'compile-saved-model --in_saved_model') echo '@directory';;
    'compile-saved-model --out_saved_model') echo '@directory';;
    'compile-saved-model --input_data_shapes') echo '@other';;
    'compile-saved-model --dim') echo '@other';;
    'compile-saved-model --target') echo 'inf1 trn1 trn1n inf2 trn2';;
    'compile-saved-model --neuroncore-pipeline-cores') echo '@other';;
    'compile-saved-model --report') echo 'text json';;
    'run -o') echo '@directory';;
    'run --output-dir') echo '@directory';;
    'run --top') echo '@other';;
    'run --labels') echo '@file';;
    'run --expect') echo '@file';;
    'run --rtol') echo '@other';;
    'run --atol') echo '@other';;
    'run --num-exec') echo '@other';;
    'run --duration') echo '@other';;
    'run --warm-up') echo '@other';;
    'run --threads') echo '@other';;
    'run --in-flight') echo '@other';;
    'run --rate') echo '@other';;
    'run --percentile') echo '@other';;
    'run --times') echo '@file';;
    'run --determinism') echo '@other';;
    'run --npz') echo '@file';;
    'run --fill') echo 'zero one random';;
    'run --seed') echo '@other';;
    'run --with') echo '@file';;
    'run --trace') echo '@file';;
    'run --dump') echo '@directory';;
    'run --what-if') echo '@file';;
    'run --clock-from') echo '@file';;
    'run --ranks') echo '@other';;
    'collectives -r') echo '@other';;
    'collectives --nworkers') echo '@other';;
    'collectives -N') echo '@other';;
    'collectives --nnodes') echo '@other';;
    'collectives -s') echo '@other';;
    'collectives --hosts') echo '@other';;
    'collectives --hosts-file') echo '@file';;
    'collectives --rsh') echo '@other';;
    'collectives -b') echo '@other';;
    'collectives --minbytes') echo '@other';;
    'collectives -e') echo '@other';;
    'collectives --maxbytes') echo '@other';;
    'collectives -i') echo '@other';;
    'collectives --stepbytes') echo '@other';;
    'collectives -f') echo '@other';;
    'collectives --stepfactor') echo '@other';;
    'collectives -d') echo '@other';;
    'collectives --datatype') echo '@other';;
    'collectives -n') echo '@other';;
    'collectives --iters') echo '@other';;
    'collectives -w') echo '@other';;
    'collectives --warmup_iters') echo '@other';;
    'collectives -I') echo '@other';;
    'collectives --neff_iters') echo '@other';;
    'collectives -W') echo '@other';;
    'collectives --neff_warmup_iters') echo '@other';;
    'collectives -c') echo '@other';;
    'collectives --check') echo '@other';;
    'collectives --seed') echo '@other';;
    'collectives --custom-replica-groups') echo '@file';;
    'collectives --custom-src-target-pairs') echo '@file';;
    'collectives --variable-size-op-metadata') echo '@file';;
    'collectives -t') echo '@other';;
    'collectives --stats') echo '@other';;
    'collectives --report-to-json-file') echo '@file';;
    'packager create -i') echo '@file';;
    'packager create --input') echo '@file';;
    'packager create -v') echo '@other';;
    'packager create --tool-version') echo '@other';;
    'packager create -k') echo '@other';;
    'packager create --neff-version') echo '@other';;
    'packager create -r') echo '@other';;
    'packager create --header-version') echo '@other';;
    'packager create -n') echo '@other';;
    'packager create --name') echo '@other';;
    'packager create -t') echo '@other';;
    'packager create --num-nc') echo '@other';;
    'packager create -o') echo '@other';;
    'packager create --output') echo '@other';;
    'packager create -e') echo 'bin-weights collectives-offset custom-ops coalesced-cc';;
    'packager create --enable-feature') echo 'bin-weights collectives-offset custom-ops coalesced-cc';;
    'packager create --uuid') echo '@other';;
    'packager create --compress') echo 'gzip none';;
    'packager create --level') echo '@other';;
    'packager create --max-members') echo '@other';;
    'packager create --max-size') echo '@other';;
    'packager create --max-ratio') echo '@other';;
    'packager extract -o') echo '@directory';;
    'packager extract --output') echo '@directory';;
    'packager optimize -o') echo '@file';;
    'packager optimize --output') echo '@file';;
    'packager optimize --max-members') echo '@other';;
    'packager optimize --max-size') echo '@other';;
    'packager optimize --max-ratio') echo '@other';;
    'packager unpack -o') echo '@directory';;
    'packager unpack --output') echo '@directory';;
    'packager unpack --max-members') echo '@other';;
    'packager unpack --max-size') echo '@other';;
    'packager unpack --max-ratio') echo '@other';;
    'profile capture -n') echo '@file';;
    'profile capture --neff') echo '@file';;
    'profile capture -s') echo '@file';;
    'profile capture --session-file') echo '@file';;
    'profile capture --num-exec') echo '@other';;
    'profile capture --profile-nth-exec') echo '@other';;
    'profile capture -t') echo 'profile systrace';;
    'profile capture --capture-type') echo 'profile systrace';;
    'profile capture --exec-mode') echo 'sync async async-wait';;
    'profile capture -r') echo '@other';;
    'profile capture --collectives-workers-per-node') echo '@other';;
    'profile capture --collectives-worker-count') echo '@other';;
    'profile capture --collectives-worker-start-id') echo '@other';;
    'profile capture -i') echo '@other';;
    'profile capture --collectives-profile-id') echo '@other';;
    'profile capture -m') echo '@file';;
    'profile capture --multi-input') echo '@file';;
    'profile view -n') echo '@file';;
    'profile view --neff-path') echo '@file';;
    'profile view -s') echo '@file';;
    'profile view --session-file') echo '@file';;
    'profile view -d') echo '@directory';;
    'profile view --session-dir') echo '@directory';;
    'profile view --output-format') echo '@other';;
    'profile view --output-file') echo '@file';;
    'profile view --display-name') echo '@other';;
    'profile view --data-path') echo '@directory';;
    'profile view --host') echo '@other';;
    'profile view --port') echo '@other';;
    'profile view --db-endpoint') echo '@other';;
    'profile view --db-org') echo '@other';;
    'profile view --db-bucket') echo '@other';;
    'profile compare -n') echo '@file';;
    'profile compare --neff-path') echo '@file';;
    'profile compare --fail-if') echo '@other';;
    'profile compare --data-path') echo '@directory';;
    'profile inspect -o') echo '@directory';;
    'profile inspect --output-dir') echo '@directory';;
    'profile inspect -n') echo '@other';;
    'profile inspect --num-trace-events') echo '@other';;
    'profile show-session -s') echo '@file';;
    'profile show-session --session-file') echo '@file';;
    'profile show-session -n') echo '@file';;
    'profile show-session --neff') echo '@file';;
    'disassemble --engine') echo 'pe act pool dve sp';;
    'disassemble --subgraph') echo '@other';;
    'assemble -o') echo '@file';;
    'assemble --output') echo '@file';;
    'debug --script') echo '@file';;
    'top --interval') echo '@other';;
    'top --tag') echo '@other';;
    'top --width') echo '@other';;
    'monitor -c') echo '@file';;
    'monitor --config-file') echo '@file';;
    'monitor --verbose') echo '@other';;
    'monitor --prometheus') echo '@other';;
    'monitor --host') echo '@other';;
    'monitor --cloudwatch-emf') echo '@file';;
    'monitor --namespace') echo '@other';;
    'monitor --count') echo '@other';;
  esac
}
_neuron() {
  local word=${COMP_WORDS[COMP_CWORD]} path= next known values
  case ${COMP_WORDS[0]##*/} in
    neuron-packager) path='packager';;
    neuron-profile) path='profile';;
    neuron-ls) path='ls';;
    neuron-top) path='top';;
    neuron-monitor) path='monitor';;
    neuron-cc) path='compile';;
    neuronx-cc) path='compile';;
    kcc) path='compile';;
    kcc-cc) path='compile';;
    kaena_tf_compile) path='compile-saved-model';;
    kaena-info) path='packager info';;
    nccom-test) path='collectives';;
  esac
  for next in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    known=" $(_neuron_words "$path") "
    case $next in -*) continue;; esac
    case $known in *" $next "*) path=${path:+$path }$next;; esac
  done
  values=$(_neuron_values "$path ${COMP_WORDS[COMP_CWORD-1]}")
  known=$(_neuron_words "$path")
  if [[ $values == @file ]]; then
    COMPREPLY=($(compgen -f -- "$word"))
  elif [[ $values == @directory ]]; then
    COMPREPLY=($(compgen -d -- "$word"))
  elif [[ $values == @other ]]; then
    COMPREPLY=()
  elif [[ -n $values ]]; then
    COMPREPLY=($(compgen -W "$values" -- "$word"))
  elif [[ $word == -* || " $known" != *" -"* || " $known" == *" "[a-z]* ]]; then
    COMPREPLY=($(compgen -W "$known" -- "$word"))
  else
    COMPREPLY=($(compgen -f -- "$word"))
  fi
}
complete -o filenames -F _neuron neuron neuron-packager neuron-profile neuron-ls neuron-top neuron-monitor neuron-cc neuronx-cc kcc kcc-cc kaena_tf_compile kaena-info nccom-test

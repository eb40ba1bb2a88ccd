#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# run.sh [MODEL.onnx]...: a Markdown table of what each model costs on this machine, beside ONNX
# Runtime with one thread in the same run; `all threads` is the plan's time with as many as it takes
# unasked. Without models: the bundled one, and those of the
# conformance data where they are. ONNX Runtime comes from npm into $NEURON_BENCH_CACHE, outside of
# the tree; without npm its column stays empty. Run it on an otherwise idle machine.
set -euo pipefail
source=$(realpath "$(dirname "$0")/../..")
neuron=${NEURON:-$source/build/cmd/neuron}
cache=${NEURON_BENCH_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/neuron-bench}
data=${NEURON_CONFORMANCE_DIR:-$source/../shared/conformance}/models/onnx
runs=20
models=("$@")
if [ $# = 0 ]; then
  models=("$source/tests/data/digits/digits.onnx")
  for name in mnist-8 torch-squeezenet1_1 ultraface-slim-320-simplified torch-mobilenet_v3_small \
              bert-dummy-mlm-vespa; do
    [ ! -e "$data/$name.onnx" ] || models+=("$data/$name.onnx")
  done
  # Of the onnx package's own tests; $NEURON_BENCH_LIGHT is the folder that holds them.
  for name in light_squeezenet light_resnet50; do
    [ ! -e "${NEURON_BENCH_LIGHT:-}/$name.onnx" ] || models+=("$NEURON_BENCH_LIGHT/$name.onnx")
  done
fi

mkdir -p "$cache"
if command -v npm >/dev/null && [ ! -d "$cache/node_modules/onnxruntime-node" ]; then
  (cd "$cache" && npm install --ignore-scripts --no-audit --no-fund onnxruntime-node >npm.log 2>&1) ||
    echo "no ONNX Runtime: npm install failed, see $cache/npm.log" >&2
fi
ort() { NODE_PATH=$cache/node_modules node "$source/tests/bench/ort.js" "$1" $runs "${dims[@]:-}" 2>/dev/null || echo "-"; }
field() { sed -n "s/^ *\"$1\": \([0-9.e+]*\),*$/\1/p" | head -n 1; }

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
echo "$(grep -m1 'model name' /proc/cpuinfo | cut -d: -f2- | sed 's/^ //'), $(nproc) cores; fastest of $runs"
echo
echo "| model | compile, s | NEFF, KiB | host run 1 thread, ms | all threads, ms | ONNX Runtime 1 thread, ms | ratio | instructions | simulated instructions/s | modelled trn2, us |"
echo "|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|"
for model in "${models[@]}"; do
  name=$(basename "$model" .onnx)
  begin=$(date +%s.%N)
  dims=()
  case $name in bert-*) dims=(--dim batch=1 --dim tokens=128) ;; esac
  if ! "$neuron" compile "$model" "${dims[@]}" --target trn2 -o model.neff >/dev/null 2>error; then
    echo "| $name | $(tail -n 1 error) | | | | $(ort "$model") | | | | |"
    continue
  fi
  seconds=$(echo "$(date +%s.%N) $begin" | awk '{printf "%.2f", $1 - $2}')
  NEURON_SIM_THREADS=1 "$neuron" run model.neff --num-exec $runs --no-save --json >report.json 2>error ||
    { echo "| $name | $seconds | | $(tail -n 1 error) | | $(ort "$model") | | | | |"; continue; }
  host=$(field min <report.json | awk '{printf "%.3f", $1 / 1e6}')
  all=$("$neuron" run model.neff --num-exec $runs --no-save --json 2>error | field min | awk '{printf "%.3f", $1 / 1e6}')
  instructions=$(field instructions <report.json)
  rate=$(awk -v n="$instructions" -v ms="$host" 'BEGIN { printf "%.0f", n / ms * 1000 }')
  device=$(field device_ns <report.json | awk '{printf "%.1f", $1 / 1e3}')
  reference=$(ort "$model")
  ratio=$(awk -v a="$host" -v b="$reference" 'BEGIN { if (b > 0) printf "%.2f", a / b; else print "-" }')
  echo "| $name | $seconds | $(($(stat -c %s model.neff) / 1024)) | $host | $all | $reference | $ratio | $instructions | $rate | $device |"
done

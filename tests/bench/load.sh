#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# load.sh [NEFF]...: a Markdown table of what `neuron run` of a package costs, once: reading it from
# the page cache (through a buffer, and into memory of its own), inflating it where it is
# compressed, loading, executing, and the whole command, which tells values and predicted time.
# Each is the median of 7. Each package is measured as it is, packed as densely as `packager create`
# can, and optimized. Without packages: light_resnet50.onnx in $NEURON_BENCH_LIGHT, and a ResNet-50
# of float32 made of it with noise for weights by build/tests/bench_noisy_weights. Run it on an
# otherwise idle machine; igzip of isal inflates, if there is one, else gzip.
set -euo pipefail
source=$(realpath "$(dirname "$0")/../..")
neuron=${NEURON:-$source/build/cmd/neuron}
runs=7
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
packages=("$@")
if [ $# = 0 ]; then
  light="${NEURON_BENCH_LIGHT:?names the folder of light_resnet50.onnx}/light_resnet50.onnx"
  "$source/build/tests/bench_noisy_weights" "$light" "$work/noise.onnx"
  "$neuron" compile "$work/noise.onnx" --target trn2 -o "$work/resnet50.neff" >/dev/null
  "$neuron" compile "$light" --target trn2 -o "$work/light_resnet50.neff" >/dev/null
  packages=("$work/resnet50.neff" "$work/light_resnet50.neff")
fi
gunzip=gzip
! command -v igzip >/dev/null || gunzip=igzip

median() { sort -n | sed -n "$(((runs + 1) / 2))p"; }
milliseconds() {  # of a command, by the wall
  for ((i = 0; i < runs; i++)); do
    local begin; begin=$(date +%s%N)
    "$@" >/dev/null 2>&1
    echo $((($(date +%s%N) - begin) / 100000))
  done | median | sed 's/\(.\)$/.\1/'
}
field() {  # of several reports: what stands behind the first line that matches $1
  for ((i = 0; i < runs; i++)); do
    "$neuron" run "$2" --no-save --json 2>/dev/null |
      sed -n "/$1/,\$p" | grep -m1 -oE '[0-9]+(\.[0-9]+)?' | cut -d. -f1
  done | median | awk '{printf "%.1f", $1 / 1e6}'
}
row() {
  local inflating="-"
  if [ "$(tail -c +1025 "$2" | head -c 2 | od -An -tx1)" = " 1f 8b" ]; then
    tail -c +1025 "$2" >"$work/payload.gz"
    inflating=$(milliseconds $gunzip -dc "$work/payload.gz")
    rm "$work/payload.gz"
  fi
  echo "| $1 | $(($(stat -c %s "$2") / 1000000)) | $(milliseconds dd if="$2" of=/dev/null bs=1M)" \
    "| $(milliseconds dd if="$2" of=/dev/null bs="$(stat -c %s "$2")") | $inflating | $(field load_ns "$2") | $(field '"min"' "$2") | $(milliseconds "$neuron" run "$2" --no-save) |"
}

echo "$(grep -m1 'model name' /proc/cpuinfo | cut -d: -f2- | sed 's/^ //'), $(nproc) cores; median of $runs, in ms"
echo
echo "| package | MB | reading | into memory | $gunzip | load | execution | values and time together |"
echo "|---|---:|---:|---:|---:|---:|---:|---:|"
for package in "${packages[@]}"; do
  name=$(basename "$package" .neff)
  row "$name" "$package"
  (cd "$work" && "$neuron" packager unpack "$package" >/dev/null)
  "$neuron" packager create -i "$work/$name" -o "$work/dense" >/dev/null
  row "$name, packed densely" "$work/dense.neff"
  "$neuron" packager optimize "$package" -o "$work/fast.neff" >/dev/null
  row "$name, optimized" "$work/fast.neff"
done

#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Every collective operation and element type, from 4 bytes to 64 MiB, between 2, 4 and 8 processes
# of this host, each result compared; then between four hosts as network namespaces, one of which is
# cut off, and a package cut for two of them. The test run has the small form. Takes a build directory;
# RANKS, OPERATIONS and TYPES choose a part of it, RANKS= leaves out this host, HOSTS= the others.
#   tests/collectives.sh build
set -eu
build=$(realpath "$1") tests=$(dirname "$(realpath "$0")")
export PATH="$build/cmd:$PATH" NEURON_RT_LOG_LEVEL=QUIET
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
runs=0
check() {
  neuron collectives "$@" --check -n 1 -w 0 --json >out 2>errors || { echo "failed: $*" && cat errors && exit 1; }
  runs=$((runs + $(grep -c '"size(B)"' out)))
}
types="${TYPES:-uint8 int8 fp8 uint16 int16 fp16 bf16 uint32 int32 fp32}"
for ranks in ${RANKS-2 4 8}; do
  for operation in ${OPERATIONS:-allr allg redsct alltoall sendrecv permute}; do
    for type in $types; do
      check -r "$ranks" -d "$type" -b 4 -e 64M -f 64 "$operation"
    done
    echo "$ranks processes: $operation is right in $(echo $types | wc -w) types"
  done
done
[ "$runs" = 0 ] || echo "$runs results of processes of this host are right"
[ -z "${HOSTS-yes}" ] && exit
awk -f "$tests/cli/compile/transformer.awk" | protoc -I/usr/include --encode=onnx.ModelProto onnx/onnx.proto >block.onnx
neuron compile block.onnx --target trn2 -o one.neff >/dev/null 2>&1
neuron compile block.onnx --target trn2 --tensor-parallel 2 -o two.neff >/dev/null 2>&1
neuron run one.neff --fill random --npy >/dev/null
export PACKAGE="$work/two.neff" EXPECTED="$work/y.npy"
MOST=64M TYPES="$types" OPERATIONS="${OPERATIONS:-}" sh "$tests/cli/collectives/hosts.sh"

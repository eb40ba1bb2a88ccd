#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Every collective operation and element type, from 4 bytes to 64 MiB, between 2, 4 and 8 processes
# of this host, each result compared; then between four hosts as network namespaces, one of which is
# cut off. Takes a quarter of an hour and a build directory; the test run has the small form.
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
for ranks in ${RANKS:-2 4 8}; do
  for operation in allr allg redsct alltoall sendrecv permute; do
    for type in $types; do
      check -r "$ranks" -d "$type" -b 4 -e 64M -f 64 "$operation"
    done
    echo "$ranks processes: $operation is right in $(echo $types | wc -w) types"
  done
done
echo "$runs results of $ranks processes and fewer are right"
MOST=64M TYPES="$types" sh "$tests/cli/collectives/hosts.sh"

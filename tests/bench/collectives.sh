#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Our all-reduce beside Open MPI's over TCP, then messages from one rank to another beside libfabric's
# own fi_pingpong, in one run: each size with both figures (medians but of fi_pingpong) and ours by theirs. Needs openmpi-bin,
# libopenmpi-dev and libfabric-bin. Takes a build directory and the count of ranks; SIZES, ITERATIONS
# and NEURON_SIM_FABRIC (net) choose what is measured. fi_rdm_bw belongs to fabtests, which Debian does
# not package.
#   tests/bench/collectives.sh build [2]
set -eu
export NEURON_SIM_FABRIC="${NEURON_SIM_FABRIC:-net}" NEURON_RT_LOG_LEVEL=QUIET
build=$(realpath "$1") ranks=${2:-2}
tests=$(dirname "$(realpath "$0")")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
mpicc -O2 "$tests/mpi_allreduce.c" -o mpi_allreduce
count() { iterations=${ITERATIONS:-$((bytes > 1048576 ? 20 : 1000))}; }
ours() {
  "$build/cmd/neuron" collectives --stats p50 -r "$ranks" -n "$iterations" -b "$bytes" -e "$bytes" -d fp32 --json "$@" |
    sed -n 's/.*"time:p50(us)": \([0-9.e+]*\).*/\1/p'
}
printf '%10s %14s %14s %8s   all-reduce of %s ranks\n' bytes ours/us mpi-tcp/us speed "$ranks"
for bytes in ${SIZES:-4 4096 65536 1048576 8388608 67108864}; do
  count
  mpi=$(mpirun --allow-run-as-root --oversubscribe --mca pml ob1 --mca btl tcp,self --mca btl_tcp_if_include lo \
    -n "$ranks" ./mpi_allreduce "$bytes" "$iterations" | awk '{ print $2 }')
  us=$(ours allr)
  printf '%10s %14s %14s %8s\n' "$bytes" "$us" "$mpi" "$(awk "BEGIN { printf \"%.2f\", $mpi / $us }")"
done
echo '{"src_target_pairs": [[[0, 1]]]}' >pair.json
ranks=2
printf '%10s %14s %14s %8s   one way, between 2 ranks\n' bytes ours/us pingpong/us speed
for bytes in ${SIZES:-4 65536 1048576 8388608}; do
  count
  fi_pingpong -p "$NEURON_SIM_FABRIC" -e rdm -I "$iterations" -S "$bytes" >/dev/null &
  sleep 0.5
  theirs=$(fi_pingpong -p "$NEURON_SIM_FABRIC" -e rdm -I "$iterations" -S "$bytes" 127.0.0.1 | awk 'END { print $7 }')
  wait
  us=$(ours permute --custom-src-target-pairs pair.json)
  printf '%10s %14s %14s %8s\n' "$bytes" "$us" "$theirs" "$(awk "BEGIN { printf \"%.2f\", $theirs / $us }")"
done

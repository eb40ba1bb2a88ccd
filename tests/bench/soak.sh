#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# libnrt for a long time: threads in several processes, loads without growth, kills at random
# moments. Takes a build directory, a package, and seconds for the threads.
#   tests/bench/soak.sh build model.neff [600]
# A build of -DNEURON_SANITIZE=thread (ninja bench_soak neuron) watches the threads for races, too.
set -eu
build=$1 neff=$2 seconds=${3:-600} kills=${KILLS:-200} loads=${LOADS:-10000}
soak=$build/tests/bench_soak
[ -x "$soak" ] || { echo "build it first: ninja -C $build bench_soak" >&2; exit 2; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export NEURON_RT_NUM_CORES=2 NEURON_RT_LOG_LEVEL=ERROR

"$soak" speed "$neff"

pids=
for process in 1 2 3 4; do
  "$soak" threads "$neff" 16 "$seconds" &
  pids="$pids $!"
done
for pid in $pids; do wait "$pid"; done

# The log of allocations grows to a million entries, which is no leak.
NEURON_RT_DEBUG_MEMLOG_MAX_SIZE=1000 "$soak" loads "$neff" "$loads"

# Killed at random moments, an owner leaves its core free, no half-written trace, no torn counters.
export NEURON_RT_VISIBLE_CORES=0-1
round=0
while [ "$round" -lt "$kills" ]; do
  round=$((round + 1))
  "$soak" victim "$neff" "$work" &
  victim=$!
  sleep "0.$(od -An -N1 -tu1 /dev/urandom | awk '{printf "%03d", $1}')"
  kill -9 "$victim" 2>/dev/null || { echo "the victim ended by itself" >&2; exit 1; }
  wait "$victim" 2>/dev/null || true
  "$soak" loads "$neff" 1 >/dev/null || { echo "a core stayed owned after kill $round" >&2; exit 1; }
  for trace in "$work"/*.ntff; do
    [ -e "$trace" ] || continue
    "$build/cmd/neuron" profile view -n "$neff" -s "$trace" --output-format summary-text >/dev/null ||
      { echo "$trace is torn after kill $round" >&2; exit 1; }
  done
done
echo "$kills kills: no core stayed owned, no trace was torn"

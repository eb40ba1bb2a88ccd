#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Four hosts joined by a bridge, in namespaces that go away with this shell. Says what went wrong and
# ends with 1, or tells what was seen.
set -eu
if [ -z "${INSIDE:-}" ]; then
  if ! unshare --net --mount true 2>/dev/null; then
    echo "four hosts: skipped, network namespaces are not permitted here"
    exit 0
  fi
  exec env INSIDE=1 unshare --net --mount sh "$0" "$@"
fi
mkdir -p /run/netns
mount -t tmpfs none /run/netns
ip link set lo up
ip link add bridge type bridge
ip link set bridge up
for i in 1 2 3 4; do
  ip netns add "h$i"
  ip link add "v$i" type veth peer name eth0 netns "h$i"
  ip link set "v$i" master bridge up
  ip -n "h$i" addr add "10.77.0.$i/24" dev eth0
  ip -n "h$i" link set eth0 up
  ip -n "h$i" link set lo up
done
export NEURON_RT_ROOT_COMM_ID=10.77.0.1:46820 NEURON_RT_LOG_LEVEL=QUIET
hosts() {
  ip netns exec h1 neuron collectives -r 4 -N 4 --hosts localhost h2 h3 h4 --rsh "ip netns exec" "$@"
}
fail() {
  echo "$1"
  cat errors
  exit 1
}
# OPERATIONS, TYPES and MOST widen the sweep for tests/collectives.sh.
all() {
  for op in ${OPERATIONS:-allr allg redsct alltoall sendrecv permute}; do
    for type in ${TYPES:-fp32}; do
      hosts --check -n 1 -w 0 -d "$type" -b 4 -e "${MOST:-1M}" -f 64 $op >/dev/null 2>errors || fail "$op failed"
    done
  done
}
# A package of two ranks on two hosts, when tests/collectives.sh gives one and what it must answer.
package() {
  ranks=
  for rank in 1 0; do
    SLURM_PROCID=$rank SLURM_STEP_NUM_TASKS=2 ip netns exec "h$((rank + 1))" neuron run "$PACKAGE" \
      --ranks 2 --fill random --no-save --expect y "$EXPECTED" >"rank$rank" 2>errors$rank &
    ranks="$ranks $!"
  done
  for rank in $ranks; do wait "$rank" || { cat errors? && exit 1; }; done
  grep -q "^y: as in" rank0 || fail "the package is not as on one core"
  echo "two hosts: a package of two ranks gives what one core gives"
}
cd "$(mktemp -d)"
trap 'rm -rf "$PWD"' EXIT
all
[ -z "${PACKAGE:-}" ] || package

# Long enough to be cut off in the middle; the third host stays silent from then on.
NEURON_SIM_COLLECTIVES_TIMEOUT=4 hosts -n 1000000 -b 256k -e 256k allr >out 2>errors &
job=$!
until [ -s out ]; do sleep 0.1; done
sleep 0.5
ip link set v3 down
begin=$(date +%s)
wait $job && fail "nobody noticed that a host was cut off"
[ $(($(date +%s) - begin)) -le 10 ] || fail "it took $(($(date +%s) - begin)) s to notice"
for rank in 0 1 3; do
  grep -q "^neuron: rank $rank: \(all_reduce\|barrier\): rank 2 (host " errors || fail "rank $rank names nobody"
done
ip link set v3 up
hosts --check -n 1 -w 0 -d fp32 -b 4 -e 4k -f 64 allr >/dev/null 2>errors || fail "they cannot start again"
echo "four hosts: results are right; one cut off: named by the three others; started again"

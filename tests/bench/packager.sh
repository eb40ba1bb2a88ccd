#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# packager.sh [MIB [RUNS]]: a Markdown table of the packager's speed and memory beside igzip with
# tar, in the same run, on a package of MIB MiB (1024). Each figure is the fastest of RUNS (3).
# Needs igzip (package isal), python3 with numpy, and twelve times MIB in $TMPDIR or /dev/shm.
set -euo pipefail
source=$(realpath "$(dirname "$0")/../..")
neuron=$(realpath "${NEURON:-$source/build/cmd/neuron}")
mib=${1:-1024} runs=${2:-3}
python=${PYTHON:-python3}
work=$(mktemp -d -p "${TMPDIR:-/dev/shm}")
export TMPDIR=$work
trap 'rm -rf "$work"' EXIT
cd "$work"
"$neuron" compile "$source/tests/data/digits/digits.onnx" --target trn2 -o base.neff >/dev/null
"$neuron" packager unpack base.neff -o model >/dev/null
rm model/neff.tgz
"$python" "$source/tests/bench/packager_input.py" model "$mib"

# best LABEL RESET COMMAND: fastest wall seconds and largest memory in KiB, into best_s and best_kib.
best() {
  local label=$1 reset=$2 s kib
  shift 2
  best_s=1e9 best_kib=0
  for _ in $(seq "$runs"); do
    eval "$reset"
    "$python" - "$@" >figures <<'PY'
import resource, subprocess, sys, time
begin = time.monotonic()
subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL)
print(time.monotonic() - begin, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
PY
    read -r s kib <figures
    best_s=$(awk -v a="$best_s" -v b="$s" 'BEGIN { print (a < b ? a : b) }')
    best_kib=$((kib > best_kib ? kib : best_kib))
  done
  awk -v l="$label" -v s="$best_s" -v k="$best_kib" -v m="$mib" -v o="${other_s:-0}" 'BEGIN {
    times = (o > 0) ? sprintf("%.2f", o / s) : ""
    printf("| %s | %.3f | %.0f | %s | %.0f |\n", l, s, m * 1.048576 / s, times, k / 1024) }'
}

echo "$(grep -m1 'model name' /proc/cpuinfo | cut -d: -f2- | sed 's/^ //'), $(nproc) cores, $mib MiB, fastest of $runs, load $(cut -d' ' -f1 /proc/loadavg)"
echo
echo "| | s | MB/s | times as fast | peak MiB |"
echo "|---|---:|---:|---:|---:|"
best "tar, igzip -1" "rm -f peer.tgz" bash -c "tar -C model -cf - . | igzip -1 -c - >peer.tgz"
other_s=$best_s best "create of a directory" "rm -f ours.neff" "$neuron" packager create -i model -o ours
"$neuron" packager create -i peer.tgz -o foreign >/dev/null
best "igzip -d, tar x, of theirs" "rm -rf out; mkdir out" bash -c "igzip -d -c peer.tgz | tar -C out -xf -"
other_s=$best_s best "unpack of theirs" "rm -rf out" "$neuron" packager unpack foreign.neff -o out
tail -c +1025 ours.neff >ours.tgz
best "igzip -d, tar x, of ours" "rm -rf out; mkdir out" bash -c "igzip -d -c ours.tgz | tar -C out -xf -"
other_s=$best_s best "unpack of ours" "rm -rf out" "$neuron" packager unpack ours.neff -o out
rm -rf out ours.tgz
best "optimize" "" "$neuron" packager optimize ours.neff -o fast.neff
best "info of a compressed package" "" "$neuron" packager info ours.neff
best "info of an optimized package" "" "$neuron" packager info fast.neff
best "verify of an optimized package" "" "$neuron" packager verify fast.neff
best "create of an archive as it is" "" "$neuron" packager create -i peer.tgz -o again
best "load and run once, compressed" "" "$neuron" run ours.neff --fill zero --no-save
best "load and run once, optimized" "" "$neuron" run fast.neff --fill zero --no-save
echo
echo "bytes: theirs $(stat -c %s peer.tgz), ours $(stat -c %s ours.neff)"

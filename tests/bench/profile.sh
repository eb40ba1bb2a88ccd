#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# profile.sh BUILD [EVENTS]: ingests a made trace of ten million events and looks at it, printing
# events a second, sizes, the first picture, the 99th percentile of pans and zooms, and memory.
set -euo pipefail
build=$(realpath "$1") events=${2:-10000000}
neuron=$build/cmd/neuron scale=$build/tests/web/bench_scale
folder=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server"; rm -rf "$folder"' EXIT
"$scale" generate "$events" "$folder/scale.ntff"
begin=$(date +%s%N)
"$neuron" profile view -s "$folder/scale.ntff" --ingest-only --data-path "$folder/store" 2>/dev/null
end=$(date +%s%N)
echo "ingest: $((events * 1000 / ((end - begin) / 1000000))) events/s"
echo "trace: $(stat -c %s "$folder/scale.ntff") bytes, store: $(cat "$folder"/store/*.segment | wc -c) bytes"
"$neuron" profile view --data-path "$folder/store" --port 0 >"$folder/out" 2>/dev/null &
server=$!
until grep -q http "$folder/out"; do sleep 0.05; done
address=$(grep -o 'http://[^ ]*' "$folder/out")
id=$(basename "$folder"/store/n_*.segment | cut -c1-42)
"$scale" browse "${address}profile/$id"
echo "server: $(awk '/VmHWM/ {print $2}' "/proc/$server/status") KiB at most"

#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# run.sh TARGETS NEURON [SECONDS]: replays the test data through every parser door, then looks for
# new inputs for a while; with 0 seconds it only replays, which is the same every time.
# TARGETS is the folder of the built targets, NEURON the program.
set -euo pipefail
targets=$(realpath "$1") neuron=$(realpath "$2") seconds=${3:-20}
source=$(realpath "$(dirname "$0")/../..")
corpus=$(mktemp -d)
trap 'rm -rf "$corpus"' EXIT
mkdir "$corpus"/{neff,ntff,npy,onnx,tensorflow,mxnet,json,members,trace,segment,http,archive,trip,isa,program}
digits=$source/tests/data/digits
cp "$digits"/*.npy "$corpus/npy"
cp "$digits"/*.onnx "$corpus/onnx"
cp "$digits"/*.json "$corpus/json"
"$neuron" compile "$digits/digits.onnx" --target trn2 -o "$corpus/neff/digits.neff"
"$neuron" profile capture -n "$corpus/neff/digits.neff" -s "$corpus/ntff/digits.ntff"
"$neuron" packager unpack "$corpus/neff/digits.neff" -o "$corpus/unpacked" >/dev/null
cp "$corpus/neff/digits.neff" "$corpus/trip"
cp "$corpus"/unpacked/sg00/*.bin "$corpus/isa"
"$neuron" disassemble "$corpus/neff/digits.neff" --assembly | sed -n 2p >"$corpus/isa/line"
# Programs begin with their generation.
for engine in DVE Activation; do
  (printf '\001'; head -c 4096 "$corpus/unpacked/sg00/$engine.bin") >"$corpus/program/$engine"
done
"$neuron" packager create -i "$corpus/unpacked" -o "$corpus/trip/plain" --compress none >/dev/null
cp "$corpus/unpacked/neff.tgz" "$corpus/archive/ours.tgz"
# What is small is changed in more places: one member in each dialect of tar, packed and plain.
for format in gnu pax ustar v7; do
  tar --format $format -C "$corpus/unpacked" -cf "$corpus/archive/$format.tar" neff.json
  gzip -c "$corpus/archive/$format.tar" >"$corpus/archive/$format.tgz"
done
index=0  # as kMembers of members_fuzz.cpp
for member in neff.json kelf-0.json sg00/def.json sg00/SP.json sg00/tensor_map.json info.json \
  sg00/Activation.json hlo_stats.json; do
  if [ -f "$corpus/unpacked/$member" ]; then
    # shellcheck disable=SC2059
    (printf "\\$(printf %03o "$index")"; cat "$corpus/unpacked/$member") >"$corpus/members/$index"
  fi
  index=$((index + 1))
done
"$neuron" profile view -n "$corpus/neff/digits.neff" -s "$corpus/ntff/digits.ntff" --ingest-only \
  --data-path "$corpus/store" >/dev/null
cp "$corpus"/store/*.segment "$corpus/segment"
cp "$corpus"/ntff/*.ntff "$corpus/trace"
printf '0from=0\nto=1000000\nwidth=100\n' >"$corpus/http/rows"
printf '2text=a.*b\nregex=1\nfield=any\n' >"$corpus/http/search"
printf '4set=a\n\n{"markers": [{"at_ps": 5, "name": "b"}]}' >"$corpus/http/markers"
printf 'node { name: "x" op: "Placeholder" attr { key: "dtype" value { type: 1 } } attr { key: "shape" value { shape { dim { size: 2 } } } } }\nnode { name: "c" op: "Const" attr { key: "value" value { tensor { dtype: 1 float_val: 2 } } } }\nnode { name: "e" op: "Enter" input: "x" attr { key: "frame_name" value { s: "f" } } }\nnode { name: "y" op: "Mul" input: "x" input: "c" }\nversions { producer: 30 }\n' >"$corpus/tensorflow/graph"
printf '{"nodes": [{"op": "null", "name": "data", "inputs": []}, {"op": "Pooling", "name": "y", "attrs": {"kernel": "(2, 2)", "pool_type": "avg"}, "inputs": [[0, 0, 0]]}], "heads": [[1, 0, 0]]}' >"$corpus/mxnet/symbol"
printf '{"nodes": [{"op": "null", "name": "package"}, {"op": "null", "name": "data"}, {"op": "_neuron_subgraph_op", "name": "s", "attrs": {"data_names": "[\\"data\\"]", "output_names": "[\\"y\\"]"}, "inputs": [[0, 0], [1, 0]]}, {"op": "relu", "name": "r", "inputs": [[2, 0]]}], "heads": [[3, 0, 0]]}' >"$corpus/mxnet/checkpoint"
printf '\022\001\0\0\0\0\0\0\0\0\0\0\0\0\0\0\001\0\0\0\0\0\0\0\001\0\0\0\001\0\0\0\001\0\0\0\0\0\0\0\0\0\0\0\0\0\200\077\0\0\0\0\0\0\0\0' >"$corpus/mxnet/params"
for door in isa program archive trip members neff ntff npy onnx tensorflow mxnet json trace segment http; do
  echo "fuzz $door: $(find "$corpus/$door" -type f | wc -l) files, then $seconds s"
  (cd "$corpus" && "$targets/fuzz_$door" -runs=0 -rss_limit_mb=4096 "$door" 2>&1 | tail -n 1)
  [ "$seconds" != 0 ] || continue
  (cd "$corpus" && "$targets/fuzz_$door" -max_total_time="$seconds" -max_len=1000000 \
    -rss_limit_mb=4096 -timeout=20 "$door" >"$door.log" 2>&1) || { tail -n 60 "$corpus/$door.log"; exit 1; }
done

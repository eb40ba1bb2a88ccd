#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Four processes run a model, each another number of times; then everyone is asked what happened.
# Prints one line for each process and source; see live.t.
set -eu
cp "$SOURCE/tests/data/digits/digits.onnx" .
neuron compile digits.onnx --target trn2 >/dev/null 2>&1
box=$NEURON_SIM_ROOT/trn2.48xlarge
pids=""
for i in 1 2 3 4; do
  : >ready.$i >said.$i
  # Each takes one device: eight physical cores.
  NEURON_PROCESS_TAG=app_$i NEURON_RT_VISIBLE_CORES=$((8 * i))-$((8 * i + 7)) NEURON_RT_LOG_LEVEL=QUIET \
    neuron-load digits.neff $((10 * i)) "$i" >ready.$i 2>said.$i &
  pids="$pids $!"
done
trap 'kill -9 $pids $monitor 2>/dev/null || true' EXIT
monitor=""
for i in 1 2 3 4; do
  until grep -q ready ready.$i; do
    sleep 0.1
    [ ! -s said.$i ] || { cat said.$i; exit 1; }
  done
done

sleep 1.5 # the tree is a second old at most
for i in 1 2 3 4; do
  good=0 bad=0
  for core in "$box"/neuron_device/neuron$i/neuron_core*; do
    good=$((good + $(cat "$core/stats/other_info/inference_count/total")))
    bad=$((bad + $(cat "$core/stats/status/exec_bad_input/total")))
  done
  echo "files: app_$i executed $good, refused $bad"
done

: >said.monitor
neuron monitor --prometheus 0 -c "$SOURCE/tests/cli/monitor/fast.json" 2>said.monitor &
monitor=$!
metrics=""
until [ -n "$metrics" ]; do
  sleep 0.3
  url=$(sed -n 's/.*metrics are at //p' said.monitor)
  metrics=$(curl -s "$url" || true)
done
value() { echo "$metrics" | grep "^$1{" | grep "runtime_tag=\"$2\"" | grep "$3" | sed 's/.* //'; }
for i in 1 2 3 4; do
  good=$(value execution_status_total app_$i '"completed"')
  bad=$(value execution_status_total app_$i '"incorrect_input"')
  echo "monitor: app_$i executed $good, refused $bad"
done

listed=$(neuron ls --json-output | grep '"pid"')
for pid in $pids; do
  [ "$(echo "$listed" | grep -c "\"pid\": $pid,")" = 1 ] || echo "ls: $pid does not own one device"
done
neuron ls --wide | grep -c 'neuron-load digits.neff' | sed 's/^/ls: owned devices: /'

for i in 1 2 3 4; do
  told=$(value neuron_runtime_memory_used_bytes app_$i '"neuron_device"')
  seen=$(neuron top --json --interval 0.05 --tag app_$i | sed -n '/device_used_memory/,/}/s/.*"total": \([0-9]*\).*/\1/p')
  [ "$told" = "$seen" ] || echo "app_$i: monitor says $told bytes of device memory, top says $seen"
done
neuron top --once --interval 0.05 | grep 'Neuron Apps'
neuron top --once --interval 0.05 | grep -c digits | sed 's/^/top: models: /'

kill -9 $pids
wait $pids 2>/dev/null || true
neuron ls --wide | grep -c PID || true
neuron ls >/dev/null
for i in 1 2 3 4; do
  cat "$box"/neuron_device/neuron$i/neuron_core*/stats/other_info/inference_count/total |
    { sum=0; while read -r n; do sum=$((sum + n)); done; echo "after the kill: app_$i executed $sum"; }
done

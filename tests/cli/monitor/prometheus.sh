#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The real Prometheus scrapes neuron monitor, and answers a query with what it found.
set -eu
prometheus=${PROMETHEUS:-prometheus}
if ! command -v "$prometheus" >/dev/null; then
  echo "skipped: prometheus is not installed"
  exit 0
fi
: >said.monitor  # so that grep finds it at once
neuron monitor --prometheus 0 -c "$SOURCE/tests/cli/monitor/fast.json" 2>said.monitor &
pids=$!
trap 'kill -9 $pids 2>/dev/null || true' EXIT
until grep -q 'metrics are at' said.monitor; do sleep 0.1; done
target=$(sed -n 's|.*http://\([^/]*\)/.*|\1|p' said.monitor)
cat >prometheus.yml <<YML
global: {scrape_interval: 300ms, scrape_timeout: 300ms}
scrape_configs:
  - job_name: neuron
    static_configs: [{targets: ["$target"]}]
YML
port=$((20000 + $$ % 20000))
"$prometheus" --config.file=prometheus.yml --storage.tsdb.path=data --log.level=error \
  --web.listen-address=127.0.0.1:$port >said.prometheus 2>&1 &
pids="$pids $!"
ask() { curl -s "http://127.0.0.1:$port/api/v1/query" --data-urlencode "query=$1" || true; }
tries=0
until ask 'neuron_hardware_info' | grep -q '"neuron_device_type":"trainium2"'; do
  tries=$((tries + 1))
  [ $tries -lt 100 ] || { cat said.prometheus said.monitor; ask 'up'; exit 1; }
  sleep 0.2
done
ask 'up{job="neuron"}' | grep -q '"1"\]' || { echo "the target is not up"; exit 1; }
ask 'system_memory_used_bytes > 0' | grep -q instance_type || { echo "no memory"; exit 1; }
ask 'count(hardware_ecc_events_total)' | grep -q '"64"\]' || { echo "not 64 ECC series"; exit 1; }
echo "scraped"

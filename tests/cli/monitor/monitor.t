A report of an idle box: the instance and its hardware are always told, with the documented names.

  $ export NEURON_SIM_INSTANCE=trn2.48xlarge; echo '{"period": "50ms", "system_metrics": [{"type": "memory_info"}, {"type": "neuron_hw_counters"}]}' > groups.json; neuron-monitor -c groups.json --count 1 > report.json; tr ',' '\n' < report.json | grep -v bytes | head -12
  {"neuron_runtime_data":[]
  "system_data":{"memory_info":{"period":0.<any>
  "error":""}
  "neuron_hw_counters":{"period":0.<any>
  "neuron_devices":[{"neuron_device_index":0
  "mem_ecc_corrected":0
  "mem_ecc_uncorrected":0
  "sram_ecc_uncorrected":0
  "sram_ecc_corrected":0}
  {"neuron_device_index":1
  "mem_ecc_corrected":0
  "mem_ecc_uncorrected":0
  $ tr ',{' '\n\n' < report.json | grep -A 7 neuron_device_type
  "neuron_device_type":"trainium2"
  "neuron_device_version":"v4"
  "neuroncore_version":"v3d"
  "neuron_device_count":16
  "neuron_device_memory_size":103079215104
  "neuroncore_per_device_count":4
  "logical_neuroncore_config":2
  "error":""}}
  $ grep -o '"[a-z_]*bytes"' report.json | sort
  "memory_total_bytes"
  "memory_used_bytes"
  "swap_total_bytes"
  "swap_used_bytes"

The file is checked: what is wrong is named, with what it may be.

  $ echo '{"period": "5 parsecs"}' > bad-period.json; neuron monitor -c bad-period.json
  ! neuron: bad-period.json: period: "5 parsecs" is no time of 1ms to a year, such as 1s or 500ms
  ? 4
  $ echo '{"system_metrics": [{"type": "weather"}]}' > bad-type.json; neuron monitor -c bad-type.json
  ! neuron: bad-type.json: system_metrics[0]: type "weather" is none of neuron_hw_counters, vcpu_usage, memory_info
  ? 4
  $ echo '{"neuron_runtimes": [{"tag_filter": "("}]}' > bad-filter.json; neuron monitor -c bad-filter.json 2>&1 | cut -c 1-85
  neuron: bad-filter.json: neuron_runtimes[0]: tag_filter: "(" is no regular expression
  $ echo '{"neuron_runtimes": {}}' > bad-list.json; neuron monitor -c bad-list.json
  ! neuron: bad-list.json: neuron_runtimes: expected an array
  ? 4
  $ echo '{}' > empty.json; neuron monitor -c empty.json
  ! neuron: the configuration asks for no metric group
  ? 2

CloudWatch reads lines that say themselves which of their numbers are metrics.

  $ NEURON_SIM_INSTANCE=inf2.xlarge neuron monitor -c groups.json --count 1 --cloudwatch-emf emf.log; cut -d , -f 2-5 emf.log; NEURON_SIM_INSTANCE=inf2.xlarge neuron monitor -c groups.json --count 1 --cloudwatch-emf -  --namespace mine | grep -o '"Namespace":"[a-z]*"'
  "CloudWatchMetrics":[{"Namespace":"neuron-monitor","Dimensions":[["InstanceId","InstanceType"]],"Metrics":[{"Name":"system_memory_total_bytes"
  "Namespace":"mine"

The dashboard is a part of the program.

  $ neuron monitor --grafana-dashboard | grep -c '"expr"'
  20

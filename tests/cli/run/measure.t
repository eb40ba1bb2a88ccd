Many executions: threads, queues and other packages beside, with latencies by percentiles.

  $ D=$SOURCE/tests/data/digits; cp $D/digits.onnx $D/7.npy . && neuron compile digits.onnx --target trn2 >/dev/null && cp digits.neff other.neff
  $ neuron run digits.neff image 7.npy --npy --threads 2 --num-exec 20 --warm-up 2
  loaded in <any> ms
  probabilities: float32 [1,10] -> ./probabilities.npy
  digits.neff:
    20 executions, <any> a second
    host latency ms: min <any>, mean <any>, median <any>, p90 <any>, p95 <any>, p99 <any>, max <any>, deviation <any>
    modelled device time <any> us, <any> a second on each core
  $ neuron run digits.neff image 7.npy --no-save --in-flight 3 --num-exec 10 --with other.neff --transfers --times times.csv --percentile 50,99.9 | grep -c :
  5
  $ head -n 1 times.csv; wc -l < times.csv
  package,thread,begin_ns,latency_ns
  21
  $ neuron run digits.neff --fill random --no-save --duration 0.1 --rate 100 --json | grep -E '"(load_ns|threads)"'
    "load_ns": <any>,
    "threads": 1,

Outputs are held to files and to themselves; what differs ends with status 12.

  $ neuron run digits.neff image 7.npy --no-save --expect probabilities probabilities.npy --determinism 3 | tail -n 2
  3 executions gave the same bytes
  probabilities: as in probabilities.npy
  $ neuron run digits.neff --fill one --no-save --expect probabilities probabilities.npy --json >/dev/null
  ! neuron: output probabilities: <any> of 10 elements differ from probabilities.npy; most at <any>
  ? 12
  $ neuron run digits.neff image 7.npy --no-save --expect labels 7.npy >/dev/null
  ! neuron: the model has no output labels
  ? 13
  $ neuron run digits.neff image 7.npy --npz 7.npy
  ! neuron: 7.npy: no zip directory at the end
  ? 4
  $ neuron run digits.neff --with nowhere.neff
  ! neuron: nowhere.neff: <any>
  ? 3

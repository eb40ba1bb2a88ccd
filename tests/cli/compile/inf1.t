A package for Inferentia1 is ours in every byte, and its times are parametric: they say so.

  $ cp "$SOURCE"/tests/data/digits/digits.onnx "$SOURCE"/tests/data/digits/7.npy .
  $ neuron compile digits.onnx --target inf1
  digits.neff: 43178 bytes for inf1
  predicted: 54.6 us on NeuronCore-v1 (parametric), bound by waits between engines: the busiest, the Vector engine, works 23 % of the time
  $ neuron packager info digits.neff --json-output | grep -e '"target"' -e tool_version
    "target": "inferentia",
    "tool_version": "neuron 0.1.0 +extensions",
  $ NEURON_SIM_INSTANCE=inf1.xlarge neuron run digits.neff image 7.npy
  probabilities: float32 [1,10] -> ./probabilities.out
  1 execution: host <any> ms (fastest), modelled device time 54.626 us (parametric)
  $ NEURON_SIM_INSTANCE=inf1.xlarge neuron run digits.neff image 7.npy --json --no-save | grep parametric
    "parametric": true,
  $ neuron run digits.neff --predict
  predicted: 54.6 us (parametric), bound by waits between engines: the busiest, the Vector engine, works 23 % of the time
  $ neuron run digits.neff --predict --json | grep parametric
    "parametric": true,

It computes what the model's reference says.

  $ sed -n 's/.*"7.npy".*\[\(.*\)\].*/\1/p' "$SOURCE/tests/data/digits/expected.json" | tr -d ' ' | tr , '\n' > expected
  $ od -An -v -tf4 -w4 probabilities.out | paste expected - | awk '($1 - $2) ^ 2 > 1e-12 { print "differs:", $0 } END { print NR, "compared" }'
  10 compared

On an instance it is what a compile is for; other generations do not take it, nor it theirs.

  $ neuron compile digits.onnx --target trn1 -o trn1.neff >/dev/null
  $ NEURON_SIM_INSTANCE=inf1.2xlarge neuron compile digits.onnx -o here.neff | head -n 1; cmp digits.neff here.neff
  here.neff: 43178 bytes for inf1, from the cache
  $ NEURON_SIM_INSTANCE=inf2.xlarge neuron run digits.neff image 7.npy
  ! neuron: digits.neff: the package was compiled for target inferentia, inf2.xlarge has other NeuronCores; compile it for that box or set NEURON_SIM_INSTANCE to one of its generation
  ? 5
  $ NEURON_SIM_INSTANCE=inf1.xlarge neuron run trn1.neff image 7.npy
  ! neuron: trn1.neff: the package was compiled for target sunda, inf1.xlarge has other NeuronCores; compile it for that box or set NEURON_SIM_INSTANCE to one of its generation
  ? 5

What nothing is known of is refused.

  $ neuron compile digits.onnx --target inf1 --data-parallel 2
  ! neuron: --tensor-parallel and --data-parallel: no collective operations are documented of NeuronCore-v1; compile for trn1, inf2 or trn2
  ? 2
  $ neuron compile digits.onnx --target inf1 --logical-nc-config 2
  ! neuron: --logical-nc-config 2: a logical core of inf1 has one physical core; for two, compile for trn2
  ? 2

All constants can be others.

  $ echo '{"vector_element_cycles": 1, "hbm_bytes_per_ns": 100}' > fast.json; neuron run digits.neff --predict --what-if fast.json | cut -d, -f1
  predicted: 46.0 us (parametric)

A profile says it, too; utilization is that of 16 TFLOPS.

  $ neuron profile capture -n digits.neff -s digits.ntff >/dev/null 2>&1
  $ neuron profile view -n digits.neff -s digits.ntff --output-format json --output-file p.json >/dev/null && grep -o 'notice: [^"]*parametric[^"]*' p.json
  notice: 1 trace of a simulated NeuronCore-v1: its times are parametric, for little of that generation is published
  $ neuron profile view -n digits.neff -s digits.ntff --output-format summary-text | grep -e instance_type -e peak_flops
  instance_type                              inf1.24xlarge
  peak_flops_bandwidth_ratio                 1310.72

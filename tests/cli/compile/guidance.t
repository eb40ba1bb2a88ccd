After a compile the predicted latency and what bounds it are told, here and for other instances.

  $ cp "$SOURCE/tests/data/digits/digits.onnx" .
  $ neuron compile digits.onnx --target trn2 -o a.neff
  a.neff: 43174 bytes for trn2
  predicted: 37.8 us on NeuronCore-v3, bound by waits between engines: the busiest, the Tensor engine, works 22 % of the time
  $ neuron compile digits.onnx --target inf2 -o b.neff --guidance
  b.neff: 43297 bytes for inf2
  predicted: 28.8 us on NeuronCore-v2, bound by waits between engines: the busiest, the Tensor engine, works 13 % of the time
  instance         cores  latency, us inferences/s  limit
  inf1.xlarge          4         54.6        73226  parametric; bound by waits between engines: the busiest, the Vector engine, works 23 % of the time
  inf1.2xlarge         4         54.6        73226  parametric; bound by waits between engines: the busiest, the Vector engine, works 23 % of the time
  inf1.6xlarge        16         54.6       292903  parametric; bound by waits between engines: the busiest, the Vector engine, works 23 % of the time
  inf1.24xlarge       64         54.6      1171614  parametric; bound by waits between engines: the busiest, the Vector engine, works 23 % of the time
  trn1.2xlarge         2         28.8        69368  bound by waits between engines: the busiest, the Tensor engine, works 13 % of the time
  trn1.32xlarge       32         28.8      1109890  bound by waits between engines: the busiest, the Tensor engine, works 13 % of the time
  trn1n.32xlarge      32         28.8      1109890  bound by waits between engines: the busiest, the Tensor engine, works 13 % of the time
  inf2.xlarge          2         28.8        69368  bound by waits between engines: the busiest, the Tensor engine, works 13 % of the time
  inf2.8xlarge         2         28.8        69368  bound by waits between engines: the busiest, the Tensor engine, works 13 % of the time
  inf2.24xlarge       12         28.8       416209  bound by waits between engines: the busiest, the Tensor engine, works 13 % of the time
  inf2.48xlarge       24         28.8       832417  bound by waits between engines: the busiest, the Tensor engine, works 13 % of the time
  trn2.3xlarge         8         37.8       211381  bound by waits between engines: the busiest, the Tensor engine, works 22 % of the time
  trn2.48xlarge      128         37.8      3382096  bound by waits between engines: the busiest, the Tensor engine, works 22 % of the time
  trn2n.48xlarge     128         37.8      3382096  bound by waits between engines: the busiest, the Tensor engine, works 22 % of the time
  trn2u.48xlarge     128         37.8      3382096  bound by waits between engines: the busiest, the Tensor engine, works 22 % of the time
  u-trn2x64          512         37.8     13528383  bound by waits between engines: the busiest, the Tensor engine, works 22 % of the time
  $ neuron compile digits.onnx --target trn2 -o a.neff --guidance --json | sed -n '1,12p'
  {
    "neff": "a.neff",
    "packages": [
      "a.neff"
    ],
    "bytes": 43174,
    "target": "trn2",
    "from_cache": true,
    "warnings": [],
    "latency_us": 37.846357,
    "parametric": false,
    "bound": "bound by waits between engines: the busiest, the Tensor engine, works 22 % of the time",
  $ neuron run a.neff 2>/dev/null | sed -n 's/.*modelled/modelled/p'
  modelled device time 37.846 us

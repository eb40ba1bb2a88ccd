A checkpoint of MXNet is two files; the other one is found beside the one that is named.

  $ cat > net-symbol.json <<'end'
  > {"nodes": [{"op": "null", "name": "data", "inputs": []},
  >            {"op": "null", "name": "fc_w", "inputs": []},
  >            {"op": "FullyConnected", "name": "fc", "attr": {"num_hidden": "1", "no_bias": "True"},
  >             "inputs": [[0, 0, 0], [1, 0, 0]]}],
  >  "arg_nodes": [0, 1], "heads": [[2, 0, 0]], "attrs": {"mxnet_version": ["int", 904]}}
  > end
  $ z='\0\0\0\0\0\0\0'
  > printf "\\022\\001\\0\\0\\0\\0\\0\\0\\0${z}\\001${z}" > net-0000.params  # one array
  > printf '\002\0\0\0\001\0\0\0\002\0\0\0\001\0\0\0\0\0\0\0\0\0\0\0' >> net-0000.params  # [1,2] of float32
  > printf "\\0\\0\\200\\077\\0\\0\\0\\100\\001${z}\\010${z}arg:fc_w" >> net-0000.params  # 1 2
  $ neuron compile net-symbol.json --target trn2
  ! neuron: net-symbol.json: input 'data': the model does not tell its shape, and no array has its name; give it with --io-config '{"inputs": {"data": [[1, 3, 224, 224], "float32"]}}'
  ? 2
  $ neuron compile net-0000.params --target trn2 -o net.neff --io-config '{"inputs": {"data": [[1, 2], "float32"]}}'
  net.neff: 4596 bytes for trn2
  predicted: 19.6 us on NeuronCore-v3, bound by waits between engines: the busiest, the Tensor engine, works 2 % of the time
  $ printf '\0\0\200\077\0\0\0\100' > x.bin  # 1 2
  $ neuron run net.neff data x.bin --top 1 | head -n 2
  fc: float32 [1,1] -> ./fc.out
     1. [0]              5
  $ cp net-0000.params net-0001.params; neuron compile net-symbol.json --target trn2
  ! neuron: net-symbol.json: several files of arrays: net-0000.params, net-0001.params; name the one that is meant
  ? 2


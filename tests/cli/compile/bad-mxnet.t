Checkpoints of MXNet that cannot be compiled are refused with one line each.

  $ cat > make.sh <<'end'
  > compile() { neuron compile --target trn2 --no-cache -o made.neff "$@" --io-config '{"inputs": {"data": [1, 2]}}'; }
  > data='{"op": "null", "name": "data", "inputs": []}'
  > # A symbol of one input and the nodes that are given; its output is the last.
  > symbol() { echo "{\"nodes\": [$data, $2], \"arg_nodes\": [0], \"heads\": [[${3:-1}, 0, 0]]}" > "$1"; }
  > z='\0\0\0\0\0\0\0'
  > # A list of one array: its fields behind the head, then its name.
  > params() { printf "\\022\\001\\0\\0\\0\\0\\0\\0\\0${z}\\001${z}$2" > "$1"; }
  > array='\002\0\0\0\001\0\0\0\002\0\0\0\001\0\0\0\0\0\0\0\0\0\0\0\0\0\200\077\0\0\0\100'
  > name="\\001${z}\\010${z}arg:fc_w"
  > end
  $ . ./make.sh; fc='{"op": "null", "name": "fc_w", "inputs": []}, {"op": "FullyConnected", "name": "fc", "attr": {"num_hidden": "1", "no_bias": "True"}, "inputs": [[0, 0, 0], [1, 0, 0]]}'
  > symbol good-symbol.json "$fc" 2; params good-0000.params "$array$name"; compile good-symbol.json | sed 's/:.*//'; rm made.neff
  made.neff
  predicted

Symbols.

  $ . ./make.sh; head -c 150 good-symbol.json > bad-cut-symbol.json; compile bad-cut-symbol.json
  ! neuron: bad-cut-symbol.json: not an MXNet symbol: json is broken at byte 151
  ? 4
  $ . ./make.sh; echo '{"nodes": 3}' > bad-nodes-symbol.json; compile bad-nodes-symbol.json
  ! neuron: bad-nodes-symbol.json: "nodes" is no list
  ? 4
  $ . ./make.sh; echo '{"nodes": [{"name": "data"}], "heads": [[0, 0]]}' > bad-no-op-symbol.json; compile bad-no-op-symbol.json
  ! neuron: bad-no-op-symbol.json: node 0: "op" is missing
  ? 4
  $ . ./make.sh; echo "{\"nodes\": [$data]}" > bad-no-heads-symbol.json; compile bad-no-heads-symbol.json
  ! neuron: bad-no-heads-symbol.json: "heads" names no outputs
  ? 4
  $ . ./make.sh; symbol bad-head-symbol.json '{"op": "relu", "name": "y", "inputs": [[0, 0, 0]]}' 7; compile bad-head-symbol.json
  ! neuron: bad-head-symbol.json: heads: it refers to node 7 of the 2 before it
  ? 4
  $ . ./make.sh; symbol bad-forward-symbol.json '{"op": "relu", "name": "y", "inputs": [[1, 0, 0]]}'; compile bad-forward-symbol.json
  ! neuron: bad-forward-symbol.json: node 1: it refers to node 1 of the 1 before it
  ? 4
  $ . ./make.sh; symbol bad-reference-symbol.json '{"op": "relu", "name": "y", "inputs": [["data"]]}'; compile bad-reference-symbol.json
  ! neuron: bad-reference-symbol.json: node 1: ["data"] is no reference to a node
  ? 4
  $ . ./make.sh; symbol bad-port-symbol.json '{"op": "relu", "name": "y", "inputs": [[0, 3, 0]]}'; compile bad-port-symbol.json
  ! neuron: bad-port-symbol.json: node 'y' (relu): it reads output 3 of node 'data', which has 1
  ? 4
  $ . ./make.sh; symbol bad-operator-symbol.json '{"op": "Activatio", "name": "y", "inputs": [[0, 0, 0]]}'; compile bad-operator-symbol.json
  ! neuron: bad-operator-symbol.json: node 'y' (Activatio): operator 'Activatio' is not supported; nearest supported form: Activation
  ? 6
  $ . ./make.sh; symbol bad-input-count-symbol.json '{"op": "elemwise_add", "name": "y", "inputs": [[0, 0, 0]]}'; compile bad-input-count-symbol.json
  ! neuron: bad-input-count-symbol.json: node 'y' (elemwise_add): 1 input, expected 2
  ? 4
  $ . ./make.sh; symbol bad-word-symbol.json '{"op": "Activation", "name": "y", "attrs": {"act_type": "gallop"}, "inputs": [[0, 0, 0]]}'; compile bad-word-symbol.json
  ! neuron: bad-word-symbol.json: node 'y' (Activation): act_type 'gallop'; supported are relu, sigmoid, tanh, softrelu, softsign, mish and log_sigmoid
  ? 6
  $ . ./make.sh; symbol bad-number-symbol.json '{"op": "softmax", "name": "y", "attrs": {"axis": "last"}, "inputs": [[0, 0, 0]]}'; compile bad-number-symbol.json
  ! neuron: bad-number-symbol.json: node 'y' (softmax): attribute 'axis' is 'last', expected a number
  ? 4
  $ . ./make.sh; symbol bad-tuple-symbol.json '{"op": "Reshape", "name": "y", "attrs": {"shape": "(2, x)"}, "inputs": [[0, 0, 0]]}'; compile bad-tuple-symbol.json
  ! neuron: bad-tuple-symbol.json: node 'y' (Reshape): attribute 'shape' is '(2, x)', expected a list of integers
  ? 4
  $ . ./make.sh; symbol bad-reshape-symbol.json '{"op": "Reshape", "name": "y", "attrs": {"shape": "(3, 1)"}, "inputs": [[0, 0, 0]]}'; compile bad-reshape-symbol.json
  ! neuron: bad-reshape-symbol.json: node 'y' (Reshape): shape [1,2] becomes [3,1]
  ? 4
  $ . ./make.sh; symbol bad-kernel-symbol.json '{"op": "Pooling", "name": "y", "attrs": {"kernel": "(2, 2)"}, "inputs": [[0, 0, 0]]}'; compile bad-kernel-symbol.json
  ! neuron: bad-kernel-symbol.json: node 'y' (Pooling): images of shape [1,2], expected [N,C] and one axis or more
  ? 4
  $ . ./make.sh; symbol bad-state-symbol.json '{"op": "BatchNorm", "name": "bn", "inputs": [[0, 0, 0], [0, 0, 0], [0, 0, 0]]}'; compile bad-state-symbol.json
  ! neuron: bad-state-symbol.json: node 'bn' (BatchNorm): there is no array 'bn_moving_mean'
  ? 4
  $ . ./make.sh; symbol bad-variable-symbol.json '{"op": "null", "name": "w", "inputs": []}, {"op": "elemwise_add", "name": "y", "inputs": [[0, 0, 0], [1, 0, 0]]}' 2; compile bad-variable-symbol.json
  ! neuron: bad-variable-symbol.json: input 'w': the model does not tell its shape, and no array has its name; give it with --io-config '{"inputs": {"w": [[1, 3, 224, 224], "float32"]}}'
  ? 2

Arrays.

  $ for n in cut count names none type sparse axes huge more shape; do cp good-symbol.json bad-array-$n-symbol.json; done
  $ . ./make.sh; head -c 50 good-0000.params > bad-array-cut-0000.params; compile bad-array-cut-symbol.json
  ! neuron: bad-array-cut-symbol.json: bad-array-cut-0000.params: array 0: shape [1,2] of float32 needs 8 bytes, the file has 2 more
  ? 4
  $ . ./make.sh; printf "\\022\\001\\0\\0\\0\\0\\0\\0\\0${z}\\177\\0\\0\\0\\0\\0\\0\\177" > bad-array-count-0000.params; compile bad-array-count-symbol.json
  ! neuron: bad-array-count-symbol.json: bad-array-count-0000.params: 9151314442816847999 arrays in 24 bytes
  ? 4
  $ . ./make.sh; params bad-array-names-0000.params "$array\\002${z}\\010${z}arg:fc_w"; compile bad-array-names-symbol.json
  ! neuron: bad-array-names-symbol.json: bad-array-names-0000.params: 2 names for 1 arrays
  ? 4
  $ . ./make.sh; echo 'no arrays' > bad-array-none-0000.params; compile bad-array-none-symbol.json
  ! neuron: bad-array-none-symbol.json: bad-array-none-0000.params: not a list of MXNet's arrays
  ? 4
  $ . ./make.sh; params bad-array-type-0000.params "\\002\\0\\0\\0\\001\\0\\0\\0\\002\\0\\0\\0\\001\\0\\0\\0\\0\\0\\0\\0\\143\\0\\0\\0$name"; compile bad-array-type-symbol.json
  ! neuron: bad-array-type-symbol.json: bad-array-type-0000.params: array 0: element type 99, expected 0 to 12
  ? 4
  $ . ./make.sh; params bad-array-sparse-0000.params "\\311\\372\\223\\371\\001\\0\\0\\0$name"; compile bad-array-sparse-symbol.json
  ! neuron: bad-array-sparse-symbol.json: bad-array-sparse-0000.params: array 0: storage type 1; supported are dense arrays (0)
  ? 5
  $ . ./make.sh; params bad-array-axes-0000.params "\\377\\0\\0\\0$name"; compile bad-array-axes-symbol.json
  ! neuron: bad-array-axes-symbol.json: bad-array-axes-0000.params: array 0: 255 axes, expected at most 32
  ? 4
  $ . ./make.sh; params bad-array-huge-0000.params "\\002\\0\\0\\0\\0\\0\\001\\0\\0\\001\\0\\0\\001\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0$name"; compile bad-array-huge-symbol.json
  ! neuron: bad-array-huge-symbol.json: bad-array-huge-0000.params: array 0: shape [65536,256] of float32 needs 67108864 bytes, the file has 24 more
  ? 4
  $ . ./make.sh; params bad-array-more-0000.params "$array${name}more"; compile bad-array-more-symbol.json
  ! neuron: bad-array-more-symbol.json: bad-array-more-0000.params: 4 bytes after the last name
  ? 4
  $ . ./make.sh; params bad-array-shape-0000.params "\\001\\0\\0\\0\\003\\0\\0\\0\\001\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0$name"; compile bad-array-shape-symbol.json
  ! neuron: bad-array-shape-symbol.json: node 'fc' (FullyConnected): weights of shape [3], expected [num_hidden,inputs]
  ? 4
  $ . ./make.sh; cp good-symbol.json bad-several-symbol.json; for n in 1 2; do cp good-0000.params bad-several-000$n.params; done; compile bad-several-symbol.json
  ! neuron: bad-several-symbol.json: several files of arrays: bad-several-0001.params, bad-several-0002.params; name the one that is meant
  ? 2
  $ . ./make.sh; cp good-0000.params bad-alone-0000.params; compile bad-alone-0000.params
  ! neuron: bad-alone-0000.params: bad-alone-symbol.json: cannot open: No such file or directory
  ? 3

Nothing was written.

  $ ls *.neff
  ! ls: cannot access '*.neff': No such file or directory
  ? 2

A checkpoint of MXNet becomes a checkpoint around packages, by the words of the service's own tool.

Needs: /usr/bin/python3:numpy

  $ printf '#!/bin/sh\nPYTHONDONTWRITEBYTECODE=1 exec /usr/bin/python3 "%s/cmd/python/kaena_mx_compile" "$@"\n' "$SOURCE" > kaena_mx_compile; chmod +x kaena_mx_compile
  $ cat > make.py <<'end'
  > import numpy, mx_neuron
  > def node(op, name, inputs=(), **attrs):
  >     return {"op": op, "name": name, "attrs": attrs, "inputs": [[i, 0, 0] for i in inputs]}
  > nodes = [node("null", "x"), node("null", "w"), node("FullyConnected", "fc", (0, 1), num_hidden="2", no_bias="True"),
  >          node("null", "label"), node("Reshape", "flat", (3,), shape="(-1,)"),  # read when training only
  >          node("SoftmaxOutput", "prob", (2, 4)), node("relu", "out", (5,))]
  > sym = mx_neuron.Symbol({"nodes": nodes, "arg_nodes": [0, 1, 3], "heads": [[6, 0, 0]]})
  > mx_neuron.save_checkpoint("checkpoint", 3, sym, {"w": numpy.float32([[1, 0, 1], [0, 2, 0]])}, {})
  > numpy.save("x.npy", numpy.float32([[1, 1, 0]]))
  > e = numpy.exp(numpy.float32([[1, 2]]))
  > numpy.save("y.npy", e / e.sum())
  > end
  $ PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=$SOURCE/cmd/python /usr/bin/python3 make.py; ls
  checkpoint-0003.params
  checkpoint-symbol.json
  kaena_mx_compile
  make.py
  x.npy
  y.npy
  $ ./kaena_mx_compile --in_model_uri_prefix "checkpoint" --epoch_number 3 --out_model_uri_prefix "compiled/checkpoint" --input_shapes '{"x":[1,3]}'
  compiled/checkpoint-symbol.json: 3 operators in 1 subgraph for NeuronCores, 0 for the host
  $ neuron run compiled/checkpoint-symbol.json x x.npy --no-save --expect _neuron_subgraph_op0 y.npy | tail -n 1
  _neuron_subgraph_op0: as in y.npy

The shapes may stand as documented, without quotes: a shell takes them apart. An .npy file may stand
for a shape, and the model may be named as a URI. Same words, same bytes.

  $ bash -c './kaena_mx_compile --in_model_uri_prefix checkpoint --input_shapes {"x":[1,3]} --epoch_number 3 --out_model_uri_prefix again'
  again-symbol.json: 3 operators in 1 subgraph for NeuronCores, 0 for the host
  $ ./kaena_mx_compile --in_model_uri_prefix file://checkpoint --epoch_number 3 --out_model_uri_prefix file://by-file --input_shapes '{"x": "x.npy"}'
  by-file-symbol.json: 3 operators in 1 subgraph for NeuronCores, 0 for the host
  $ for end in symbol.json 0003.params; do cmp compiled/checkpoint-$end again-$end; cmp compiled/checkpoint-$end by-file-$end; done

Further options are those of the compiler; nodes may stay on the host.

  $ ./kaena_mx_compile --in_model_uri_prefix checkpoint --epoch_number 3 --out_model_uri_prefix parts --input_shapes '{"x": [1, 3]}' --excl_node_names prob --target trn2 --auto-cast matmult
  parts-symbol.json: 2 operators in 2 subgraphs for NeuronCores, 1 for the host
  $ neuron run parts-symbol.json x x.npy --no-save --expect _neuron_subgraph_op1 y.npy | tail -n 2
  2 subgraphs on NeuronCores, 1 operator on the host: modelled device time <any> us
  _neuron_subgraph_op1: as in y.npy

Mistakes are one line, and nothing is written.

  $ ./kaena_mx_compile --in_model_uri_prefix checkpoint --epoch_number 3 --out_model_uri_prefix other
  ! neuron: input 'x' is not given; its shape and type are needed
  ? 2
  $ ./kaena_mx_compile --in_model_uri_prefix checkpoint --out_model_uri_prefix other --input_shapes '{"x": [1, 3]}'
  ! neuron: checkpoint-0000.params: No such file or directory
  ? 3
  $ ./kaena_mx_compile --in_model_uri_prefix checkpoint --epoch_number 3 --out_model_uri_prefix other --input_shapes '{"z": [1, 3]}'
  ! neuron: --input_shapes: the model has no input 'z'; its inputs are x
  ? 2
  $ ./kaena_mx_compile --in_model_uri_prefix checkpoint --epoch_number 3 --out_model_uri_prefix other --input_shapes '{"x": [0, 3]}'
  ! neuron: --input_shapes: 'x' is [0, 3], expected a list of sizes or the name of an .npy file
  ? 2
  $ ./kaena_mx_compile --in_model_uri_prefix checkpoint --epoch_number 3 --out_model_uri_prefix other --input_shapes '{"x": "make.py"}'
  ! neuron: make.py: no .npy file: the magic string is not correct; expected b'\x93NUMPY', got b'import'
  ? 4
  $ ./kaena_mx_compile --in_model_uri_prefix checkpoint --epoch_number 3 --out_model_uri_prefix other --input_shapes '{"x": [1, 4]}'
  ! neuron: _neuron_subgraph_op0-symbol.json: node 'fc' (FullyConnected): shapes [1,4] and [2,3] transposed do not multiply
  ? 4
  $ ./kaena_mx_compile --in_model_uri_prefix checkpoint --epoch_number 3 --out_model_uri_prefix checkpoint --input_shapes '{"x": [1, 3]}'
  ! neuron: checkpoint: is the model itself; name another --out_model_uri_prefix
  ? 2
  $ ./kaena_mx_compile --in_model_uri_prefix checkpoint --epoch_number 3 --out_model_uri_prefix other --input_shapes '{"x": [1, 3]}' --targt trn2
  ! neuron: unknown option '--targt'; did you mean '--target'?
  ? 2
  $ ./kaena_mx_compile --in_model_uri_prefix s3://my_bucket/checkpoint --out_model_uri_prefix other
  ! neuron: s3://my_bucket/checkpoint: only file:// is read; fetch the file first
  ? 2
  $ ./kaena_mx_compile --in_model_uri_prefix checkpoint
  ! neuron: the following arguments are required: --out_model_uri_prefix; see 'kaena_mx_compile --help'
  ? 2
  $ cp checkpoint-0003.params bad-0000.params; echo '{"nodes": [{"op": "null", "name": "x", "inputs": [[7, 0, 0]]}], "heads": [[0, 0, 0]]}' > bad-symbol.json
  $ ./kaena_mx_compile --in_model_uri_prefix bad --out_model_uri_prefix other
  ! neuron: bad-symbol.json: node 'x' reads [7, 0, 0], expected a node before it
  ? 4
  $ head -c 40 checkpoint-0003.params > bad-0000.params; ./kaena_mx_compile --in_model_uri_prefix bad --out_model_uri_prefix other
  ! neuron: bad-0000.params: the file of arrays is cut short at byte 36
  ? 4
  $ ls other*
  ! ls: cannot access 'other*': No such file or directory
  ? 2

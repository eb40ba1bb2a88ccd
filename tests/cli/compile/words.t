The words of the compilers that users know: neuron-cc, neuronx-cc and kcc are links to neuron, and a
command may stand behind options that concern all of them.

  $ cp "$SOURCE/tests/data/digits/digits.onnx" .
  $ for name in neuron-cc neuronx-cc kcc kcc-cc; do ln -s "$(command -v neuron)" $name; done
  $ ./neuron-cc compile digits.onnx --framework ONNX --target trn2 --output a.neff
  a.neff: 43174 bytes for trn2
  predicted: 37.8 us on NeuronCore-v3, bound by waits between engines: the busiest, the Tensor engine, works 22 % of the time
  $ ./neuron-cc --verbose ERROR compile digits.onnx --target trn2 --output b.neff --no-cache >/dev/null; cmp a.neff b.neff
  $ ./neuronx-cc compile digits.onnx --framework onnx --target trn2 --output c.neff --no-cache >/dev/null; cmp a.neff c.neff

The model may be named as a URI; a long dash, as word processors make of two, is two.

  $ ./kcc compile —framework ONNX —model file://digits.onnx --target trn2 —output d.neff --no-cache >/dev/null; cmp a.neff d.neff
  $ ./kcc compile --framework ONNX --model s3://bucket/digits.onnx
  ! neuron: s3://bucket/digits.onnx: only file:// is read; fetch the file first
  ? 2
  $ ./kcc compile --framework ONNX
  ! neuron: no model is given; see 'neuron compile --help'
  ? 2

A frozen graph of TensorFlow with its ahead-of-time configuration, as the FAQ of the first compiler
shows it; the option of the cores and --debug, too.

  $ cat > graph.pbtxt <<'end'
  > node { name: "a" op: "Placeholder" attr { key: "dtype" value { type: 1 } } }
  > node { name: "b" op: "Placeholder" attr { key: "dtype" value { type: 1 } } }
  > node { name: "c" op: "MatMul" input: "a" input: "b" }
  > versions { producer: 27 }
  > end
  $ protoc --encode=neuron.tensorflow.GraphDef -I "$SOURCE/lib/compile/import/tensorflow" messages.proto < graph.pbtxt > test_graph_tfmatmul.pb
  $ cat > test_graph_tfmatmul.config.pbtxt <<'end'
  > feed { id { node_name: "a" } shape { dim { size: 1 } dim { size: 2 } } }
  > feed { id { node_name: "b" } shape { dim { size: 2 } dim { size: 1 } } }
  > fetch { id { node_name: "c" } }
  > end
  $ ./kcc compile —framework TENSORFLOW —io-config file://test_graph_tfmatmul.config.pbtxt —model file://test_graph_tfmatmul.pb --num-tpbs 4 --output tf.neff --debug | grep -v -e stage -e predicted
  neuron 0.1.0
  tf.neff: 4508 bytes for trn2
  ! neuron: warning: the model needs 1 NeuronCores, not the 4 that were asked for
  $ printf '\0\0\200\077\0\0\0\100' > ab.bin; neuron run tf.neff a ab.bin b ab.bin --top 1 | sed -n 2p  # 1 2 by 1 2
     1. [0]              5
  $ ./neuron-cc compile test_graph_tfmatmul.pb --framework MXNET --target trn2 -o no.neff
  ! neuron: test_graph_tfmatmul.pb: not an MXNet symbol: json is broken at byte 2
  ? 4
  $ ./neuron-cc compile test_graph_tfmatmul.pb --framework ONNX --target trn2 -o no.neff
  ! neuron: test_graph_tfmatmul.pb: not an ONNX model; it looks like a TensorFlow graph or another protobuf message
  ? 4
  $ for framework in TENSORFLOW mxnet; do ./kcc-cc list-operators --framework $framework | grep -x -e Conv2D -e Convolution; done
  Conv2D
  Convolution

What has no effect here is accepted and says so; the last of several wins.

  $ ./neuronx-cc compile digits.onnx --target trn1 --target trn2 --model-type transformer -O1 --output e.neff --no-cache >/dev/null; cmp a.neff e.neff
  ! neuron: warning: --model-type has no effect: operators are lowered by their shapes, whatever the model is called
  ! neuron: warning: --optlevel has no effect: there is one level, which takes seconds
  $ ./neuronx-cc compile digits.onnx --model-type banana --target trn2
  ! neuron: --model-type: banana not in {generic,transformer,unet-inference}; see 'neuron compile --help'
  ? 2
  $ ./neuronx-cc compile digits.onnx --implicit-integer-downcast dot,banana --target trn2
  ! neuron: --implicit-integer-downcast: banana not in {default,all,none,dot,scatter,all_reduce,reduce_scatter,pow}; see 'neuron compile --help'
  ? 2
  $ ./neuronx-cc compile digits.onnx --implicit-integer-downcast dot,scatter -lnc 1 --target trn2 --output e.neff --no-cache >/dev/null; cmp a.neff e.neff
  ! neuron: warning: --implicit-integer-downcast has no effect: 64-bit integers keep their 64 bits
  $ ./neuron-cc --verbose trace compile digits.onnx --target trn2 --reduce-neff-size --extract-weights --output e.neff --no-cache | sed 's/[0-9]* ms/<any> ms/'; cmp a.neff e.neff
  neuron 0.1.0
  stage import: <any> ms
  stage passes: <any> ms
  e.neff: 43174 bytes for trn2
  predicted: 37.8 us on NeuronCore-v3, bound by waits between engines: the busiest, the Tensor engine, works 22 % of the time
  ! neuron: warning: --extract-weights has no effect: weights are members of the package in any case
  ! neuron: warning: --reduce-neff-size has no effect: the package holds nothing that could be left out
  $ ./neuron-cc compile --pipeline compile SaveTemps --target trn2 --output e.neff digits.onnx >/dev/null; cmp a.neff e.neff; ls digits-stages | head -n 2
  01-import.txt
  02-passes.txt
  $ ./neuron-cc compile --target trn2 --dim N=1 digits.onnx
  ! neuron: digits.onnx: no input has an open dimension 'N' (of size 1)
  ? 2
  $ ./neuron-cc --version; ./kcc --version
  neuron 0.1.0
  neuron 0.1.0

What is not built says so.

  $ ./neuronx-cc compile digits.onnx --lnc 2 --target trn1 -o f.neff
  ! neuron: --logical-nc-config 2: a logical core of trn1 has one physical core; for two, compile for trn2
  ? 2
  $ ./neuronx-cc compile digits.onnx --lnc 2 --target trn2 --num-neuroncores 2 -o f.neff
  ! neuron: --logical-nc-config 2 and several logical cores cannot be combined yet
  ? 2
  $ ./neuron-cc compile digits.onnx --framework XLA --target trn2 -o f.neff
  ! neuron: models of XLA are not read; supported are ONNX, TENSORFLOW and MXNET
  ? 5

Unless --num-tpbs asks for more, a package is for one NeuronCore and runs on every instance.

  $ ./kcc compile --framework ONNX --model file://digits.onnx --output k.neff --report text | head -n 1
  digits for trn2: 1 NeuronCore

Who made a package, and what for:

  $ ln -s "$(command -v neuron)" kaena-info; ./kaena-info a.neff | grep Network; ./kaena-info a.neff --json | grep -e tool_version -e target
        Network Name:                  digits
    "target": "cayman",
    "tool_version": "neuron 0.1.0",
  $ ./kaena-info nothing.neff
  ! neuron: nothing.neff: cannot open: No such file or directory
  ? 3

Which operators there are:

  $ ./neuron-cc list-operators --framework ONNX | grep -x -e Conv -e If -e Gelu
  Conv
  Gelu
  If
  $ neuron compile --list-operators --json | head -n 2
  [
    "Abs",
  $ neuron compile --list-operators --framework xla
  ! neuron: models of XLA are not read; supported are ONNX, TENSORFLOW and MXNET
  ? 5

What is compiled for is what NEURON_SIM_INSTANCE says, unless --target does.

  $ NEURON_SIM_INSTANCE=inf2.xlarge neuron compile digits.onnx -o g.neff | head -n 1
  g.neff: 43297 bytes for inf2
  $ neuron compile digits.onnx -o g.neff | head -n 1
  g.neff: 43174 bytes for trn2, from the cache
  $ NEURON_SIM_INSTANCE=inf1.xlarge neuron compile digits.onnx -o h.neff
  h.neff: 43178 bytes for inf1
  predicted: 54.6 us on NeuronCore-v1 (parametric), bound by waits between engines: the busiest, the Vector engine, works 23 % of the time

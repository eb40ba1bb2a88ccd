A frozen graph of TensorFlow, here in its text form, is compiled and executed. Channels are last in
the model and second in the machine; the one Transpose that is left is of the input.

  $ cat > graph.pbtxt <<'end'
  > node { name: "x" op: "Placeholder" attr { key: "dtype" value { type: 1 } }
  >   attr { key: "shape" value { shape { dim { size: -1 } dim { size: 1 } dim { size: 2 } dim { size: 2 } } } } }
  > node { name: "w" op: "Const" attr { key: "value" value { tensor { dtype: 1
  >   tensor_shape { dim { size: 1 } dim { size: 1 } dim { size: 2 } dim { size: 1 } } float_val: 1 float_val: 10 } } } }
  > node { name: "conv" op: "Conv2D" input: "x" input: "w" attr { key: "padding" value { s: "SAME" } }
  >   attr { key: "strides" value { list { i: 1 i: 1 i: 1 i: 1 } } } }
  > node { name: "y" op: "Relu" input: "conv" }
  > versions { producer: 27 }
  > end
  $ neuron compile graph.pbtxt --target trn2
  ! neuron: graph.pbtxt: input 'x': dimension 0 has no fixed size; give one with --dim x.0=SIZE
  ? 2
  $ neuron compile graph.pbtxt --target trn2 --dim x.0=1 --dump-graph
  graph "graph"
  input %x float32[1,1,2,2]
  %conv#2 float32[1,2,1,2] = Transpose(%x) {perm=[0,3,1,2]}
  %conv#4.0 float32[1,1,1,2] = Conv(%conv#2, %conv#3:float32[1,2,1,1]) {dilations=[1,1] group=1 pads=[0,0,0,0] strides=[1,1]}
  %conv#5 float32[1,1,2,1] = Reshape(%conv#4.0)
  %y float32[1,1,2,1] = Relu(%conv#5)
  output %y float32[1,1,2,1]
  $ printf '\0\0\200\077\0\0\0\100\0\0\100\100\0\0\200\100' > x.bin  # 1 2, 3 4
  $ neuron run graph.neff x x.bin --top 2 | head -n 3
  y: float32 [1,1,2,1] -> ./y.out
     1. [1]              43
     2. [0]              21

The user may make any tensor an input, and any an output.

  $ neuron compile graph.pbtxt --target trn2 --dump-graph --io-config '{"inputs": {"conv:0": [[1, 1, 2, 1], "float32"]}, "outputs": ["y:0"]}'
  graph "graph"
  input %conv float32[1,1,2,1]
  %y float32[1,1,2,1] = Relu(%conv)
  output %y float32[1,1,2,1]
  $ neuron compile graph.pbtxt --target trn2 --io-config '{"inputs": {"x": [[1, 3, 2, 2], "float32"]}}'
  ! neuron: graph.pbtxt: input 'x': given as [1,3,2,2], the model has [-1,1,2,2]
  ? 2
  $ neuron compile graph.pbtxt --target trn2 --io-config '{"inputs": {"x": [[1, 1, 2, 2], "int32"]}}'
  ! neuron: graph.pbtxt: input 'x': given as int32, the model has float32
  ? 2
  $ neuron compile graph.pbtxt --target trn2 --io-config '{"outputs": ["z"]}'
  ! neuron: graph.pbtxt: output 'z' is no node of the model
  ? 2

An operator that is not there is named with what is near.

  $ sed 's/"Relu"/"Reluu"/' graph.pbtxt > other.pbtxt; neuron compile other.pbtxt --target trn2 --dim x.0=1
  ! neuron: other.pbtxt: node 'y' (Reluu): operator 'Reluu' is not supported; nearest supported form: Relu
  ? 6
  $ sed 's/"w" op/"w w" op/' graph.pbtxt > other.pbtxt; neuron compile other.pbtxt --target trn2 --dim x.0=1
  ! neuron: other.pbtxt: node 'conv': input: 'w' is no node
  ? 4

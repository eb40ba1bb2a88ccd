Graphs and SavedModels of TensorFlow that cannot be compiled are refused with one line each.

  $ cat > make.sh <<'end'
  > compile() { neuron compile --target trn2 --no-cache -o made.neff "$@"; }
  > # A graph of one input x[2,3] and what standard input says.
  > graph() { { echo 'node { name: "x" op: "Placeholder" attr { key: "dtype" value { type: 1 } } attr { key: "shape" value { shape { dim { size: 2 } dim { size: 3 } } } } }'; cat; echo 'versions { producer: 27 }'; } > "$1"; }
  > # A SavedModel with a signature from x to y around the same.
  > signature='signature_def { key: "serving_default" value { inputs { key: "x" value { name: "x:0" dtype: 1 tensor_shape { dim { size: 2 } } } } outputs { key: "y" value { name: "y:0" dtype: 1 } } } }'
  > saved() { mkdir -p "$1"; { echo 'saved_model_schema_version: 1 meta_graphs { meta_info_def { tags: "serve" } graph_def {'
  >   echo 'node { name: "x" op: "Placeholder" attr { key: "dtype" value { type: 1 } } }'; cat; echo "} ${2-$signature} }"; } > "$1/saved_model.pbtxt"; }
  > const() { echo "node { name: \"w\" op: \"Const\" attr { key: \"value\" value { tensor { $1 } } } } node { name: \"y\" op: \"Add\" input: \"x\" input: \"w\" }"; }
  > end

Frozen graphs.

  $ . ./make.sh; echo 'node { name: "y" op: "Relu" input: "x" }' | graph good.pbtxt; compile good.pbtxt | sed 's/:.*//'; rm made.neff
  made.neff
  predicted
  $ . ./make.sh; head -c 100 good.pbtxt > bad-cut.pbtxt; compile bad-cut.pbtxt
  ! neuron: bad-cut.pbtxt: not a TensorFlow graph: line 1, column 101: Expected "{", found "".
  ? 4
  $ . ./make.sh; printf '\012\020\012\001x\022\013Placeholder\377' > bad-message.pb; compile bad-message.pb
  ! neuron: bad-message.pb: not a TensorFlow graph: the message is cut short or damaged; fetch or export it again
  ? 4
  $ . ./make.sh; echo 'node { name: "y" op: "Reluu" input: "x" }' | graph bad-operator.pbtxt; compile bad-operator.pbtxt
  ! neuron: bad-operator.pbtxt: node 'y' (Reluu): operator 'Reluu' is not supported; nearest supported form: Relu
  ? 6
  $ . ./make.sh; echo 'node { name: "y" op: "DecodeJpeg" input: "x" }' | graph bad-jpeg.pbtxt; compile bad-jpeg.pbtxt
  ! neuron: bad-jpeg.pbtxt: node 'y' (DecodeJpeg): operator 'DecodeJpeg' is not supported; nearest supported form: an input that holds pixels; name a tensor behind it as input
  ? 6
  $ . ./make.sh; echo 'node { name: "y" op: "Relu" input: "z" }' | graph bad-missing-input.pbtxt; compile bad-missing-input.pbtxt
  ! neuron: bad-missing-input.pbtxt: node 'y': input: 'z' is no node
  ? 4
  $ . ./make.sh; echo 'node { name: "y" op: "Relu" input: "x:1" }' | graph bad-port.pbtxt; compile bad-port.pbtxt
  ! neuron: bad-port.pbtxt: node 'y' (Relu): it reads output 1 of node 'x', which has 1
  ? 4
  $ . ./make.sh; echo 'node { name: "y" op: "Add" input: "x" }' | graph bad-input-count.pbtxt; compile bad-input-count.pbtxt
  ! neuron: bad-input-count.pbtxt: node 'y' (Add): 1 input, expected 2
  ? 4
  $ . ./make.sh; echo 'node { name: "a" op: "Relu" input: "b" } node { name: "b" op: "Relu" input: "a" } node { name: "y" op: "Add" input: "x" input: "a" }' | graph bad-cycle.pbtxt; compile bad-cycle.pbtxt
  ! neuron: bad-cycle.pbtxt: node 'a' depends on itself
  ? 4
  $ . ./make.sh; echo 'node { name: "x" op: "Relu" input: "x" }' | graph bad-twice.pbtxt; compile bad-twice.pbtxt
  ! neuron: bad-twice.pbtxt: node 'x' is given twice
  ? 4
  $ . ./make.sh; graph bad-no-output.pbtxt < /dev/null; compile bad-no-output.pbtxt
  ! neuron: bad-no-output.pbtxt: no node is an output; name some with --io-config
  ? 4
  $ . ./make.sh; const 'dtype: 1 tensor_shape { dim { size: 3 } } tensor_content: "abcd"' | graph bad-constant-size.pbtxt; compile bad-constant-size.pbtxt
  ! neuron: bad-constant-size.pbtxt: node 'w' (Const): shape [3] of float32 needs 12 bytes, tensor_content has 4
  ? 4
  $ . ./make.sh; const 'dtype: 7 tensor_shape { dim { size: 1 } } string_val: "a"' | graph bad-constant-type.pbtxt; compile bad-constant-type.pbtxt
  ! neuron: bad-constant-type.pbtxt: node 'y' (Add): input 1 is a string; supported are tensors of numbers
  ? 6
  $ . ./make.sh; const 'dtype: 99' | graph bad-constant-number.pbtxt; compile bad-constant-number.pbtxt
  ! neuron: bad-constant-number.pbtxt: node 'w' (Const): element type 99 is none of TensorFlow's
  ? 4
  $ . ./make.sh; const 'dtype: 1 tensor_shape { dim { size: -3 } }' | graph bad-constant-negative.pbtxt; compile bad-constant-negative.pbtxt
  ! neuron: bad-constant-negative.pbtxt: node 'w' (Const): shape [-3] has a negative dimension
  ? 4
  $ . ./make.sh; const 'dtype: 1 tensor_shape { dim { size: 1000000000000 } dim { size: 1000000000000 } }' | graph bad-constant-huge.pbtxt; compile bad-constant-huge.pbtxt
  ! neuron: bad-constant-huge.pbtxt: node 'w' (Const): shape [1000000000000,1000000000000] has more than 68719476736 elements
  ? 9
  $ . ./make.sh; const 'dtype: 1 tensor_shape { dim { size: 4 } } float_val: 1' | graph bad-constant-shape.pbtxt; compile bad-constant-shape.pbtxt
  ! neuron: bad-constant-shape.pbtxt: node 'y' (Add): shapes [2,3] and [4] do not broadcast
  ? 4
  $ . ./make.sh; echo 'node { name: "y" op: "MatMul" input: "x" input: "x" }' | graph bad-product.pbtxt; compile bad-product.pbtxt
  ! neuron: bad-product.pbtxt: node 'y' (MatMul): shapes [2,3] and [2,3] do not multiply
  ? 4
  $ . ./make.sh; echo 'node { name: "s" op: "Const" attr { key: "value" value { tensor { dtype: 3 tensor_shape { dim { size: 1 } } int_val: 4 } } } } node { name: "y" op: "Reshape" input: "x" input: "s" }' | graph bad-reshape.pbtxt; compile bad-reshape.pbtxt
  ! neuron: bad-reshape.pbtxt: node 'y' (Reshape): shape [2,3] becomes [4]
  ? 4
  $ . ./make.sh; sed 's/shape { dim.*3 } } }/shape { unknown_rank: true } }/' good.pbtxt > bad-rank.pbtxt; compile bad-rank.pbtxt
  ! neuron: bad-rank.pbtxt: input 'x': the model does not tell its shape; give it with --io-config '{"inputs": {"x": [[1, 224, 224, 3], "float32"]}}'
  ? 2
  $ . ./make.sh; sed 's/size: 2/size: -1/' good.pbtxt > bad-open.pbtxt; compile bad-open.pbtxt
  ! neuron: bad-open.pbtxt: input 'x': dimension 0 has no fixed size; give one with --dim x.0=SIZE
  ? 2
  $ . ./make.sh; sed 's/type: 1/type: 7/' good.pbtxt > bad-input-type.pbtxt; compile bad-input-type.pbtxt
  ! neuron: bad-input-type.pbtxt: input 'x': elements are of type string; supported are numbers
  ? 5
  $ . ./make.sh; compile good.pbtxt --io-config '{"outputs": ["z"]}'
  ! neuron: good.pbtxt: output 'z' is no node of the model
  ? 2

A loop without an end is stopped.

  $ . ./make.sh; cat > loop.txt <<'end'
  > node { name: "t" op: "Const" attr { key: "value" value { tensor { dtype: 10 tensor_shape { } bool_val: true } } } }
  > node { name: "e" op: "Enter" input: "x" attr { key: "frame_name" value { s: "f" } } }
  > node { name: "et" op: "Enter" input: "t" attr { key: "frame_name" value { s: "f" } } attr { key: "is_constant" value { b: true } } }
  > node { name: "m" op: "Merge" input: "e" input: "n" }
  > node { name: "c" op: "LoopCond" input: "et" }
  > node { name: "s" op: "Switch" input: "m" input: "c" }
  > node { name: "r" op: "Relu" input: "s:1" }
  > node { name: "n" op: "NextIteration" input: "r" }
  > node { name: "y" op: "Exit" input: "s" }
  > end
  > graph bad-endless.pbtxt < loop.txt; compile bad-endless.pbtxt
  ! neuron: bad-endless.pbtxt: the loop 'f' takes more than 4096 rounds
  ? 9

SavedModels.

  $ . ./make.sh; echo 'node { name: "y" op: "Relu" input: "x" }' | saved good; compile good | sed 's/:.*//'; rm made.neff
  made.neff
  predicted
  $ . ./make.sh; mkdir bad-empty-folder; compile bad-empty-folder
  ! neuron: bad-empty-folder: a folder without saved_model.pb; expected a SavedModel, or name the file of the model
  ? 4
  $ . ./make.sh; mkdir bad-empty; : > bad-empty/saved_model.pb; compile bad-empty
  ! neuron: bad-empty: saved_model.pb: the file is empty
  ? 4
  $ . ./make.sh; mkdir bad-cut; printf '\010\001\022\177' > bad-cut/saved_model.pb; compile bad-cut
  ! neuron: bad-cut: saved_model.pb: the message is cut short or damaged; fetch or export it again
  ? 4
  $ . ./make.sh; cp -r good bad-tag; sed -i 's/"serve"/"train"/' bad-tag/saved_model.pbtxt; compile bad-tag
  ! neuron: bad-tag: no graph has the tag 'serve'; there are: train
  ? 2
  $ . ./make.sh; echo 'node { name: "y" op: "Relu" input: "x" }' | saved bad-no-signature ''; compile bad-no-signature
  ! neuron: bad-no-signature: no signature 'serving_default'; there are: 
  ? 2
  $ . ./make.sh; cp -r good bad-signature; sed -i 's/"y:0"/"z:0"/' bad-signature/saved_model.pbtxt; compile bad-signature
  ! neuron: bad-signature: output 'y': 'z:0' is no node
  ? 4
  $ . ./make.sh; cp -r good bad-dtype; sed -i 's/name: "x:0" dtype: 1/name: "x:0" dtype: 7/' bad-dtype/saved_model.pbtxt; compile bad-dtype
  ! neuron: bad-dtype: input 'x': elements are of type string; supported are numbers
  ? 5
  $ . ./make.sh; echo 'node { name: "v" op: "VarHandleOp" attr { key: "dtype" value { type: 1 } } attr { key: "shared_name" value { s: "v" } } } node { name: "r" op: "ReadVariableOp" input: "v" } node { name: "y" op: "Add" input: "x" input: "r" }' | saved bad-no-variables; compile bad-no-variables
  ! neuron: bad-no-variables: node 'r' (ReadVariableOp): variable 'v' has no value; supported are frozen graphs, or a saved model with its variables
  ? 6
  $ . ./make.sh; echo 'node { name: "y" op: "StatefulPartitionedCall" input: "x" attr { key: "f" value { func { name: "nobody" } } } }' | saved bad-function; compile bad-function
  ! neuron: bad-function: node 'y' (StatefulPartitionedCall): there is no function 'nobody'
  ? 4
  $ . ./make.sh; echo 'node { name: "y" op: "NeuronOp" input: "x" }' | saved bad-compiled; compile bad-compiled
  ! neuron: bad-compiled: node 'y' (NeuronOp): operator 'NeuronOp' is not supported; nearest supported form: the model that was compiled; this one holds a package, which 'neuron run' executes
  ? 6
  $ . ./make.sh; cp -r good bad-index; mkdir bad-index/variables; echo nothing > bad-index/variables/variables.index; compile bad-index
  ! neuron: bad-index: bad-index/variables/variables.index: no table of a checkpoint: its last 8 bytes are others
  ? 4

Nothing was written.

  $ ls *.neff
  ! ls: cannot access '*.neff': No such file or directory
  ? 2

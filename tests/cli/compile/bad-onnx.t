Every ONNX model that cannot be compiled is refused with one line that names the file, the part, what
is there, what was expected, and what to do; nothing is written. Models are written in protobuf's
text form, so that what is wrong can be read.

  $ cat > make.sh <<'end'
  > whole() { protoc --encode=onnx.ModelProto -I /usr/include/onnx onnx.proto > "$1"; }
  > # A model of one float32 input x[2,3] and one output y, around what standard input says.
  > model() {
  >   { echo 'ir_version: 8 opset_import { version: 13 } graph { name: "g"'
  >     echo 'input { name: "x" type { tensor_type { elem_type: 1 shape { dim { dim_value: 2 } dim { dim_value: 3 } } } } }'
  >     echo 'output { name: "y" }'; cat; echo '}'; } | whole "$1"
  > }
  > compile() { neuron compile --target trn2 --no-cache -o made.neff "$@"; }
  > end

Files that are no whole model.

  $ . ./make.sh; : > bad-empty.onnx; compile bad-empty.onnx
  ! neuron: bad-empty.onnx: the file is empty
  ? 4
  $ . ./make.sh; printf 'PK\003\004....' > bad-zip.onnx; compile bad-zip.onnx
  ! neuron: bad-zip.onnx: not an ONNX model; it looks like a zip archive (a PyTorch or Keras file?); export the model to ONNX
  ? 4
  $ . ./make.sh; echo 'version https://git-lfs.github.com/spec/v1' > bad-pointer.onnx; compile bad-pointer.onnx
  ! neuron: bad-pointer.onnx: not an ONNX model; it looks like a Git LFS pointer; fetch the file that it stands for (git lfs pull)
  ? 4
  $ . ./make.sh; echo 'hello, world' > bad-text.onnx; compile bad-text.onnx
  ! neuron: bad-text.onnx: not an ONNX model; a TensorFlow graph or an MXNet symbol neither
  ? 4
  $ . ./make.sh; echo 'node { op_type: "Relu" input: "x" output: "y" }' | model good.onnx; compile good.onnx | sed 's/:.*//'
  made.neff
  predicted
  $ . ./make.sh; rm made.neff; head -c 40 good.onnx > bad-cut.onnx; compile bad-cut.onnx
  ! neuron: bad-cut.onnx: the ONNX message is cut short or damaged; fetch or export it again
  ? 4
  $ . ./make.sh; echo 'ir_version: 8 graph { name: "g" }' | whole bad-no-opset.onnx; compile bad-no-opset.onnx
  ! neuron: bad-no-opset.onnx: no version of the standard operators is given (opset_import)
  ? 4
  $ . ./make.sh; echo 'ir_version: 8 opset_import { version: 99 } graph { name: "g" }' | whole bad-opset.onnx; compile bad-opset.onnx
  ! neuron: bad-opset.onnx: opset is 99, supported are 1 to 27
  ? 5
  $ . ./make.sh; echo 'ir_version: 8 opset_import { version: 13 }' | whole bad-no-graph.onnx; compile bad-no-graph.onnx
  ! neuron: bad-no-graph.onnx: not an ONNX model; a TensorFlow graph or an MXNet symbol neither
  ? 4

Operators and their attributes.

  $ . ./make.sh; echo 'node { op_type: "Reluu" input: "x" output: "y" }' | model bad-operator.onnx; compile bad-operator.onnx
  ! neuron: bad-operator.onnx: node 'y' (Reluu): operator 'Reluu' is not supported; nearest supported form: Relu(x)
  ? 6
  $ . ./make.sh; echo 'node { op_type: "Relu" domain: "com.acme" input: "x" output: "y" }' | model bad-domain.onnx; compile bad-domain.onnx
  ! neuron: bad-domain.onnx: node 'y' (Relu): operator 'com.acme::Relu' is not supported; nearest supported form: Relu(x)
  ? 6
  $ . ./make.sh; echo 'node { op_type: "Add" input: "x" output: "y" }' | model bad-input-count.onnx; compile bad-input-count.onnx
  ! neuron: bad-input-count.onnx: node 'y' (Add): 1 input, expected 2
  ? 4
  $ . ./make.sh; echo 'node { op_type: "Concat" input: "x" input: "x" output: "y" }' | model bad-no-attribute.onnx; compile bad-no-attribute.onnx
  ! neuron: bad-no-attribute.onnx: node 'y' (Concat): attribute 'axis' is missing
  ? 4
  $ . ./make.sh; echo 'node { op_type: "Concat" input: "x" output: "y" attribute { name: "axis" type: STRING s: "0" } }' | model bad-attribute-type.onnx; compile bad-attribute-type.onnx
  ! neuron: bad-attribute-type.onnx: node 'y' (Concat): attribute 'axis' is not an integer
  ? 4
  $ . ./make.sh; echo 'node { op_type: "Softmax" input: "x" output: "y" attribute { name: "axis" type: INT i: 7 } }' | model bad-axis.onnx; compile bad-axis.onnx
  ! neuron: bad-axis.onnx: node 'y' (Softmax): axis is 7, expected -2 to 1
  ? 4

Connections.

  $ . ./make.sh; echo 'node { op_type: "Relu" input: "z" output: "y" }' | model bad-missing-input.onnx; compile bad-missing-input.onnx
  ! neuron: bad-missing-input.onnx: node 'y' (Relu): input 'z' is no input, initializer or output of a node
  ? 4
  $ . ./make.sh; echo 'node { name: "first" op_type: "Relu" input: "b" output: "a" } node { op_type: "Relu" input: "a" output: "b" } node { op_type: "Add" input: "x" input: "a" output: "y" }' | model bad-cycle.onnx; compile bad-cycle.onnx
  ! neuron: bad-cycle.onnx: node 'first' (Relu) waits for its own result through a cycle
  ? 4
  $ . ./make.sh; echo 'node { op_type: "Relu" input: "x" output: "y" } node { op_type: "Tanh" input: "x" output: "y" }' | model bad-twice.onnx; compile bad-twice.onnx
  ! neuron: bad-twice.onnx: value 'y' is given twice
  ? 4
  $ . ./make.sh; echo 'node { op_type: "Relu" input: "x" output: "z" }' | model bad-no-output.onnx; compile bad-no-output.onnx
  ! neuron: bad-no-output.onnx: output 'y' is given by no node
  ? 4

Weights.

  $ . ./make.sh; use='node { op_type: "Add" input: "x" input: "w" output: "y" }'
  > echo "initializer { name: 'w' data_type: 1 dims: 3 raw_data: 'abcd' } $use" | model bad-weight-size.onnx; compile bad-weight-size.onnx
  ! neuron: bad-weight-size.onnx: initializer 'w': shape [3] of float32 needs 12 bytes, raw_data has 4
  ? 4
  $ . ./make.sh; use='node { op_type: "Add" input: "x" input: "w" output: "y" }'
  > echo "initializer { name: 'w' data_type: 1 dims: 3 float_data: 1 } $use" | model bad-weight-count.onnx; compile bad-weight-count.onnx
  ! neuron: bad-weight-count.onnx: initializer 'w': shape [3] needs 3 elements, float_data has 1
  ? 4
  $ . ./make.sh; use='node { op_type: "Add" input: "x" input: "w" output: "y" }'
  > echo "initializer { name: 'w' data_type: 1 dims: -3 } $use" | model bad-weight-negative.onnx; compile bad-weight-negative.onnx
  ! neuron: bad-weight-negative.onnx: initializer 'w': shape [-3] has a negative dimension
  ? 4
  $ . ./make.sh; use='node { op_type: "Add" input: "x" input: "w" output: "y" }'
  > echo "initializer { name: 'w' data_type: 1 dims: 1000000000000 dims: 1000000000000 } $use" | model bad-weight-huge.onnx; compile bad-weight-huge.onnx
  ! neuron: bad-weight-huge.onnx: initializer 'w': shape [1000000000000,1000000000000] has more than 68719476736 elements
  ? 9
  $ . ./make.sh; use='node { op_type: "Add" input: "x" input: "w" output: "y" }'
  > echo "initializer { name: 'w' data_type: 8 dims: 1 string_data: 'a' } $use" | model bad-weight-type.onnx; compile bad-weight-type.onnx
  ! neuron: bad-weight-type.onnx: initializer 'w': element type STRING is not supported
  ? 5
  $ . ./make.sh; use='node { op_type: "Add" input: "x" input: "w" output: "y" }'
  > echo "initializer { name: 'w' data_type: 1 dims: 3 data_location: EXTERNAL external_data { key: 'location' value: 'v.bin' } } $use" | model bad-external-missing.onnx; compile bad-external-missing.onnx
  ! neuron: bad-external-missing.onnx: initializer 'w': external data: bytes 0 to 12 of v.bin, which cannot be read
  ? 4
  $ . ./make.sh; use='node { op_type: "Add" input: "x" input: "w" output: "y" }'
  > echo "initializer { name: 'w' data_type: 1 dims: 3 data_location: EXTERNAL external_data { key: 'location' value: '../w.bin' } } $use" | model bad-external-outside.onnx; compile bad-external-outside.onnx
  ! neuron: bad-external-outside.onnx: initializer 'w': external data lies in '../w.bin', expected a file beside the model
  ? 4
  $ . ./make.sh; use='node { op_type: "Add" input: "x" input: "w" output: "y" }'
  > echo "initializer { name: 'w' data_type: 1 dims: 3 data_location: EXTERNAL external_data { key: 'location' value: '/etc/passwd' } } $use" | model bad-external-absolute.onnx; compile bad-external-absolute.onnx
  ! neuron: bad-external-absolute.onnx: initializer 'w': external data lies in '/etc/passwd', expected a file beside the model
  ? 4
  $ . ./make.sh; use='node { op_type: "Add" input: "x" input: "w" output: "y" }'
  > printf 12345678 > w.bin
  > echo "initializer { name: 'w' data_type: 1 dims: 3 data_location: EXTERNAL external_data { key: 'location' value: 'w.bin' } } $use" | model bad-external-short.onnx; compile bad-external-short.onnx
  ! neuron: bad-external-short.onnx: initializer 'w': external data: bytes 0 to 12 of w.bin, which has 8
  ? 4
  $ . ./make.sh; use='node { op_type: "Add" input: "x" input: "w" output: "y" }'
  > echo "initializer { name: 'w' data_type: 1 dims: 3 data_location: EXTERNAL external_data { key: 'location' value: 'w.bin' } external_data { key: 'offset' value: '-4' } } $use" | model bad-external-offset.onnx; compile bad-external-offset.onnx
  ! neuron: bad-external-offset.onnx: initializer 'w': external data: offset is '-4', expected a number
  ? 4
  $ . ./make.sh; use='node { op_type: "Add" input: "x" input: "w" output: "y" }'
  > mkdir inner && printf 123456789012 > secret.bin && ln -s ../secret.bin inner/link.bin
  > echo "initializer { name: 'w' data_type: 1 dims: 3 data_location: EXTERNAL external_data { key: 'location' value: 'link.bin' } } $use" | model inner/bad-external-link.onnx; compile inner/bad-external-link.onnx 2>&1 | sed "s|$PWD|HERE|"
  neuron: inner/bad-external-link.onnx: initializer 'w': external data: inner/link.bin is a link out of the model's folder, to HERE/secret.bin; put the file itself there

Shapes that disagree.

  $ . ./make.sh; echo "initializer { name: 'w' data_type: 1 dims: 4 float_data: [1, 2, 3, 4] } node { op_type: 'Add' input: 'x' input: 'w' output: 'y' }" | model bad-broadcast.onnx; compile bad-broadcast.onnx
  ! neuron: bad-broadcast.onnx: node 'y' (Add): shapes [2,3] and [4] do not broadcast
  ? 4
  $ . ./make.sh; echo "initializer { name: 'w' data_type: 1 dims: [2, 1] float_data: [1, 2] } node { op_type: 'MatMul' input: 'x' input: 'w' output: 'y' }" | model bad-product.onnx; compile bad-product.onnx
  ! neuron: bad-product.onnx: node 'y' (MatMul): shapes [2,3] and [2,1] do not multiply
  ? 4
  $ . ./make.sh; echo "initializer { name: 's' data_type: 7 dims: 2 int64_data: [4, -1] } node { op_type: 'Reshape' input: 'x' input: 's' output: 'y' }" | model bad-reshape.onnx; compile bad-reshape.onnx
  ! neuron: bad-reshape.onnx: node 'y' (Reshape): 6 elements of [2,3] do not fit [4,-1]
  ? 4
  $ . ./make.sh; echo "node { op_type: 'Reshape' input: 'x' input: 'x' output: 'y' }" | model bad-reshape-type.onnx; compile bad-reshape-type.onnx
  ! neuron: bad-reshape-type.onnx: node 'y' (Reshape): input 1 ('x') is not known when the model is compiled, and the model declares no shape of the result; supported are a constant, or a declared shape
  ? 6
  $ . ./make.sh; echo "initializer { name: 'w' data_type: 1 dims: [1, 1, 1, 1] float_data: 1 } node { op_type: 'Conv' input: 'x' input: 'w' output: 'y' }" | model bad-convolution.onnx; compile bad-convolution.onnx
  ! neuron: bad-convolution.onnx: node 'y' (Conv): input [2,3] and weights [1,1,1,1] do not belong together
  ? 4
  $ . ./make.sh; echo "initializer { name: 's' data_type: 7 dims: 4 int64_data: [1, 1, 2, 3] } node { op_type: 'Reshape' input: 'x' input: 's' output: 'i' } node { op_type: 'MaxPool' input: 'i' output: 'y' attribute { name: 'kernel_shape' type: INTS ints: [9, 1] } }" | model bad-window.onnx; compile bad-window.onnx
  ! neuron: bad-window.onnx: node 'y' (MaxPool): a window of 9 pixels does not fit 2 pixels padded by 0 and 0
  ? 4
  $ . ./make.sh; echo 'ir_version: 8 opset_import { version: 13 } graph { name: "g" input { name: "x" type { tensor_type { elem_type: 1 shape { dim { dim_param: "N" } } } } } output { name: "y" } node { op_type: "Identity" input: "x" output: "y" } }' | whole bad-open.onnx; compile bad-open.onnx
  ! neuron: bad-open.onnx: input 'x': dimension 0 has no fixed size ('N'); give one with --dim N=SIZE
  ? 2
  $ . ./make.sh; echo 'ir_version: 8 opset_import { version: 13 } graph { name: "g" input { name: "x" type { tensor_type { elem_type: 8 shape { dim { dim_value: 1 } } } } } output { name: "y" } node { op_type: "Identity" input: "x" output: "y" } }' | whole bad-input-type.onnx; compile bad-input-type.onnx
  ! neuron: bad-input-type.onnx: input 'x': element type STRING is not supported
  ? 5
  $ . ./make.sh; echo 'ir_version: 8 opset_import { version: 13 } graph { name: "g" input { name: "x" type { sequence_type { elem_type { tensor_type { elem_type: 1 } } } } } output { name: "y" } node { op_type: "Identity" input: "x" output: "y" } }' | whole bad-sequence.onnx; compile bad-sequence.onnx
  ! neuron: bad-sequence.onnx: input 'x': not a tensor; only tensors can be inputs
  ? 5

Nothing was written.

  $ ls *.neff
  ! ls: cannot access '*.neff': No such file or directory
  ? 2

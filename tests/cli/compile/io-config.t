--io-config tells shapes and outputs as neuron-cc's users write them: JSON, or a file or URI of it.

  $ cp "$SOURCE/tests/data/digits/digits.onnx" .
  $ neuron compile digits.onnx --target trn2 --io-config '{"inputs": {"image:0": [[1,1,28,28], "float32"]}, "outputs": ["probabilities:0"]}' -o a.neff | head -n 1
  a.neff: 43174 bytes for trn2
  $ echo '{"inputs": {"image": [1,1,28,28]}}' > io.json
  $ neuron compile digits.onnx --target trn2 --io-config io.json -o b.neff --no-cache >/dev/null; cmp a.neff b.neff
  $ neuron compile digits.onnx --target trn2 --io-config file://io.json -o b.neff --no-cache >/dev/null; cmp a.neff b.neff

The text form of TensorFlow's ahead-of-time configuration does, too; what it says beyond feeds and
fetches is skipped.

  $ cat > io.config.pbtxt <<'END'
  > # an image
  > feed { id { node_name: "image" } shape { dim { size: 1 } dim { size: 1 } dim { size: 28 } dim { size: 28 } } type: DT_FLOAT name: "x" }
  > fetch { id { node_name: "probabilities" } name: "y" }
  > END
  $ neuron compile digits.onnx --target trn2 --io-config file://io.config.pbtxt -o b.neff --no-cache >/dev/null; cmp a.neff b.neff

Any value of the model can be an output.

  $ neuron compile digits.onnx --target trn2 --dump-graph -o c.neff | sed -n 's/^%\([^ ]*\) float32.* = Gemm.*/\1/p' > gemm
  $ neuron compile digits.onnx --target trn2 --io-config "{\"outputs\": [\"$(cat gemm)\"]}" -o c.neff >/dev/null && neuron packager info c.neff | grep -c "$(cat gemm)"
  1

What does not fit is one line.

  $ neuron compile digits.onnx --target trn2 --io-config '{"inputs": {"image": [[1,3,28,28], "float32"]}}'
  ! neuron: digits.onnx: input 'image': given as [1,3,28,28], which is not what the model says
  ? 2
  $ neuron compile digits.onnx --target trn2 --io-config '{"inputs": {"image": [[1,1,28,28], "float16"]}}'
  ! neuron: digits.onnx: input 'image': given as float16, the model has float32
  ? 2
  $ neuron compile digits.onnx --target trn2 --io-config '{"inputs": {"picture": [[1,1,28,28], "float32"]}}'
  ! neuron: digits.onnx: no input 'picture' to give a shape to
  ? 2
  $ neuron compile digits.onnx --target trn2 --io-config '{"outputs": ["nothing"]}'
  ! neuron: digits.onnx: no value 'nothing' in the model to make an output of
  ? 2
  $ neuron compile digits.onnx --target trn2 --io-config '{"inputs": {"image": [[1,-1,28,28], "float32"]}}'
  ! neuron: --io-config: input 'image': dimension 1 is -1, expected at least 1
  ? 4
  $ neuron compile digits.onnx --target trn2 --io-config '{"inputs": {"image": [[1,1,28,28], "floot32"]}}'
  ! neuron: --io-config: input 'image': no type 'floot32'; expected one like float32
  ? 4
  $ neuron compile digits.onnx --target trn2 --io-config '{"input": 1}'
  ! neuron: --io-config: "input" is unknown; expected "inputs" and "outputs"
  ? 4
  $ neuron compile digits.onnx --target trn2 --io-config '{"inputs": [["image", [1,1,28,28]]]}'
  ! neuron: --io-config: "inputs" is [["image",[1,1,28,28]]], expected an object of shapes by name
  ? 4
  $ neuron compile digits.onnx --target trn2 --io-config '{"inputs": '
  ! neuron: --io-config: json is broken at byte 12
  ? 4
  $ neuron compile digits.onnx --target trn2 --io-config missing.json
  ! neuron: missing.json: cannot open: No such file or directory
  ? 3
  $ neuron compile digits.onnx --target trn2 --io-config s3://bucket/io.json
  ! neuron: s3://bucket/io.json: only file:// is read; fetch the file first
  ? 2
  $ echo 'feed { id { node_name: "image" } shape { dim { size: } } }' > bad.pbtxt; neuron compile digits.onnx --target trn2 --io-config bad.pbtxt
  ! neuron: bad.pbtxt: line 1, column 54: Expected integer, got: }
  ? 4
  $ echo 'feed { shape { } }' > bad.pbtxt; neuron compile digits.onnx --target trn2 --io-config bad.pbtxt
  ! neuron: bad.pbtxt: feed: "node_name" is missing
  ? 4

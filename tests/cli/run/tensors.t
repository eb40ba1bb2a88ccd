A dump holds a tensor for each layer that debug data names, put together from the tiles that its instructions wrote; a layer with several, or with sums in PSUM, has several. The last one is what the model gives.

  $ cp "$SOURCE/tests/data/digits/digits.onnx" . && cp "$SOURCE/tests/data/digits/7.npy" . && neuron compile digits.onnx --target trn2 >/dev/null
  $ neuron run digits.neff image 7.npy --dump out && ls out/tensors | grep -e conv2 -e pool -e index
  63 arrays -> out
  13 tensors -> out/tensors
  index.json
  sg00-conv2+relu2-2.npy
  sg00-conv2+relu2.npy
  sg00-pool1.npy
  sg00-pool2.npy
  $ sed -n 2,11p out/tensors/index.json; grep -c '"tensor"' out/tensors/index.json
    {
      "file": "sg00-conv1+relu1.npy",
      "subgraph": "sg00",
      "tensor": "conv1+relu1",
      "dtype": "float32",
      "shape": [
        9,
        2352
      ],
      "place": "SBUF partition 0 byte 0x0",
  13
  $ neuron run digits.neff image 7.npy --interpret >/dev/null && tail -c 40 out/tensors/sg00-softmax.npy | cmp - probabilities.out

Without debug data there are no names.

  $ neuron packager optimize digits.neff >/dev/null && neuron run digits.neff image 7.npy --dump plain; ls plain | grep tensors
  63 arrays -> plain
  ? 1

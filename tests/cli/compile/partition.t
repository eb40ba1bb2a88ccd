An operator that a NeuronCore cannot do runs on the CPU, and the report says which and why. A result whose shape depends on data has room for the largest one; its shape stands beside it.

  $ printf '\010\010:M\012\021\012\001x\022\001r\032\003cut\042\004Relu\012\025\012\001r\022\001y\032\004find\042\007NonZero\022\001gZ\023\012\001x\022\016\012\014\010\001\022\010\012\002\010\002\012\002\010\003b\011\012\001y\022\004\012\002\010\007B\002\020\015' > places.onnx
  $ neuron compile places.onnx --target trn2 --report text
  $ neuron compile places.onnx --target trn2 --report json

The package carries the library of operators. It is our own, so it runs without being allowed.

  $ neuron packager info places.neff | tail -n 14
  $ neuron packager verify places.neff
  $ printf '\000\000\200\277\000\000\000\100\000\000\000\000\000\000\200\077\000\000\000\000\000\000\100\100' > x.bin
  $ neuron run places.neff x x.bin | head -n 2
  $ od -An -td8 -w48 y.out; od -An -td8 y.shape.out

A model may be spread over several cores, in stages of about equal cost.

  $ cp "$SOURCE/tests/data/digits/digits.onnx" "$SOURCE/tests/data/digits/7.npy" .
  $ neuron compile digits.onnx --target trn2 --neuroncore-pipeline-cores 3 --report text
  $ neuron run digits.neff image 7.npy --top 1 | sed -n 2p
  $ neuron packager verify digits.neff
  $ neuron compile digits.onnx --target trn2 --neuroncore-pipeline-cores 60 --report text | head -n 1
  $ neuron compile digits.onnx --target trn2 --neuroncore-pipeline-cores 0
  $ neuron compile digits.onnx --target trn2 --report xml

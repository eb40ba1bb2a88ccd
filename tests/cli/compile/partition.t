An operator that a NeuronCore cannot do runs on the CPU, and the report says which and why. A result whose shape depends on data has room for the largest one; its shape stands beside it.

  $ printf '\010\010:M\012\021\012\001x\022\001r\032\003cut\042\004Relu\012\025\012\001r\022\001y\032\004find\042\007NonZero\022\001gZ\023\012\001x\022\016\012\014\010\001\022\010\012\002\010\002\012\002\010\003b\011\012\001y\022\004\012\002\010\007B\002\020\015' > places.onnx
  $ neuron compile places.onnx --target trn2 --report text
  places for trn2: 1 NeuronCore
  operators on the NeuronCore: 1 of 2 (50.0 %)
  multiplications on the NeuronCore: 0 of 0 (100.0 %)
  parts, in the order in which they run:
    sg00                     NeuronCore      1 operators, <any> us of work
    cpu01_NonZero            CPU             1 operators
  on the CPU:
    NonZero 'find': the NeuronCore has no such operator
  output 'y' has room for the largest result; 'y.shape' tells its shape
  $ neuron compile places.onnx --target trn2 --report json | tr -d ' \n' | cut -c1-120
  {"model":"places","target":"trn2","neuroncores":1,"operators":{"total":2,"neuroncore":1,"percent":50.0},"multiplications

The package carries the library of operators. It is our own, so it runs without being allowed.

  $ neuron packager verify places.neff | cut -d';' -f1
  places.neff: sound
  $ printf '\000\000\200\277\000\000\000\100\000\000\000\000\000\000\200\077\000\000\000\000\000\000\100\100' > x.bin
  $ neuron run places.neff x x.bin | head -n 2
  y: int64 [2,6] -> ./y.out
  y.shape: int64 [2] -> ./y.shape.out
  $ od -An -td8 -w48 y.out | tr -s ' '; od -An -td8 y.shape.out | tr -s ' '
   0 1 1 0 0 0
   1 0 2 0 0 0
   2 3

A model may be spread over several cores, in stages of about equal cost.

  $ cp "$SOURCE/tests/data/digits/digits.onnx" "$SOURCE/tests/data/digits/7.npy" .
  $ neuron compile digits.onnx --target trn2 --neuroncore-pipeline-cores 3 --report text > report.txt
  ! neuron: warning: keeps constants in SBUF from execution to execution in a form of our own (see neuron-neff(5)), which only this simulator runs
  $ grep -c NeuronCore report.txt
  6
  $ grep balance report.txt
  balance of the 3 stages: 82.6 % (their mean over the slowest)
  $ neuron run digits.neff image 7.npy --top 1 | sed -n 2p
     1. [7]              0.991003
  $ neuron packager verify digits.neff | cut -d';' -f1
  digits.neff: sound
  $ neuron compile digits.onnx --target trn2 --neuroncore-pipeline-cores 60 --report text 2>&1 | grep -v keeps | head -n 2 | cut -c1-100
  neuron: warning: the model needs 7 NeuronCores, not the 60 that were asked for
  digits for trn2: 7 NeuronCores
  $ neuron compile digits.onnx --target trn2 --report xml
  ! neuron: --report: xml not in {text,json}; see 'neuron compile --help'
  ? 2

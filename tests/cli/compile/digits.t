The bundled model becomes a package; the same model becomes the same bytes.

  $ cp "$SOURCE/tests/data/digits/digits.onnx" .
  $ neuron compile digits.onnx --target trn2
  digits.neff: <any> bytes for trn2
  predicted: <any> us on NeuronCore-v3, bound by <any>
  $ neuron compile digits.onnx --target trn2 -o again.neff --no-cache >/dev/null && cmp digits.neff again.neff
  $ ln -s "$(command -v neuron)" neuron-cc; ./neuron-cc compile digits.onnx --target trn2 -o third.neff --no-cache >/dev/null && cmp digits.neff third.neff

What is inside is instructions: the disassembler shows each in the words of the profiler.

  $ neuron disassemble digits.neff --engine pe | head -n 1
  sg00 pe: <any> instructions
  $ neuron disassemble digits.neff --engine pe --json | head -n 1
  {"subgraph":"sg00","engine":"pe","pc":0,"text":"SET_ORDERING_MODE    ordering_mode=relaxed","assembly":"SET_ORDERING_MODE","name":"I-0","layer":"","source":"","unknown":""}
  $ neuron disassemble digits.neff --subgraph sg07
  ! neuron: digits.neff: no program of engine (any) in subgraph sg07
  ? 13

It was made before, so it need not be made again; what runs here is what is compiled for.

  $ neuron compile digits.onnx -o fourth.neff | head -n 1; cmp digits.neff fourth.neff
  fourth.neff: <any> bytes for trn2, from the cache

Mistakes are one line, and nothing is written.

  $ neuron compile missing.onnx --target trn2
  ! neuron: missing.onnx: cannot open: No such file or directory
  ? 3
  $ neuron compile --target trn2
  ! neuron: no model is given; see 'neuron compile --help'
  ? 2
  $ neuron compile digits.onnx --target trn9
  ! neuron: --target: trn9 not in {inf1,trn1,trn1n,inf2,trn2}; see 'neuron compile --help'
  ? 2
  $ neuron compile digits.onnx --target trn2 --dim N
  ! neuron: --dim N: expected NAME=SIZE, such as N=1
  ? 2
  $ neuron compile digits.onnx --target trn2 --dim N=4 -o n.neff
  ! neuron: digits.onnx: no input has an open dimension 'N' (of size 4)
  ? 2
  $ head -c 500 digits.onnx >short.onnx; neuron compile short.onnx --target trn2 -o n.neff
  ! neuron: short.onnx: the ONNX message is cut short or damaged; fetch or export it again
  ? 4
  $ neuron compile digits.neff --target trn2 -o n.neff
  ! neuron: digits.neff: not an ONNX model; a TensorFlow graph or an MXNet symbol neither
  ? 4
  $ neuron compile digits.onnx --target trn2 -o nowhere/n.neff
  ! neuron: nowhere/n.neff: cannot create: No such file or directory
  ? 3
  $ neuron disassemble digits.onnx
  ! neuron: digits.onnx: header: header_size at byte 8 is 5981248913887211118, expected 1024
  ? 4
  $ ls
  again.neff
  digits.neff
  digits.onnx
  fourth.neff
  neuron-cc
  short.onnx
  third.neff

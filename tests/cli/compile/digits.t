The bundled model becomes a package; the same model becomes the same bytes.

  $ cp "$SOURCE/tests/data/digits/digits.onnx" .
  $ neuron compile digits.onnx --target trn2
  $ neuron compile digits.onnx --target trn2 -o again.neff >/dev/null && cmp digits.neff again.neff
  $ ln -s "$(command -v neuron)" neuron-cc; ./neuron-cc compile digits.onnx --target trn2 -o third.neff >/dev/null && cmp digits.neff third.neff

What is inside is instructions: the disassembler shows each in the words of the profiler.

  $ neuron disassemble digits.neff --engine pe | head -n 1
  $ neuron disassemble digits.neff --engine pe --json | head -n 1
  $ neuron disassemble digits.neff --subgraph sg07

Mistakes are one line, and nothing is written.

  $ neuron compile missing.onnx --target trn2
  $ neuron compile digits.onnx
  $ neuron compile digits.onnx --target trn9
  $ neuron compile digits.onnx --target trn2 --dim N
  $ neuron compile digits.onnx --target trn2 --dim N=4 -o n.neff
  $ head -c 500 digits.onnx >short.onnx; neuron compile short.onnx --target trn2 -o n.neff
  $ neuron compile digits.neff --target trn2 -o n.neff
  $ neuron compile digits.onnx --target trn2 -o nowhere/n.neff
  $ neuron disassemble digits.onnx
  $ ls

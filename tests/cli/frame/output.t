Output that cannot be written is a failure, not silence.

  $ neuron describe >/dev/full
  ! neuron: standard output: cannot write
  ? 3
  $ neuron describe >&-
  ! neuron: standard output: cannot write
  ? 3

A reader that has seen enough is no failure.

  $ neuron describe | head -c 1
  {

A pipe or a device that an output is sent to stays what it is.

  $ mkfifo pipe; cp "$SOURCE/tests/data/digits/digits.onnx" .; timeout 60 cat pipe > got & neuron compile digits.onnx --target trn2 -o pipe >/dev/null; wait; test -p pipe; neuron compile digits.onnx --target trn2 -o a.neff >/dev/null; cmp a.neff got; ls
  a.neff
  digits.onnx
  got
  pipe

A directory that cannot be made is named.

  $ neuron describe --man /dev/null/man
  ! neuron: /dev/null/man: cannot create: Not a directory
  ? 3

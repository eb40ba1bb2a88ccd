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

A directory that cannot be made is named.

  $ neuron describe --man /dev/null/man
  ! neuron: /dev/null/man: cannot create: Not a directory
  ? 3

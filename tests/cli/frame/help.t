Help that was asked for is data: it goes to standard output and all is well.

  $ neuron --help | head -n 3
  usage: neuron COMMAND ...
  
  Compile, inspect, simulate and profile models for AWS Neuron accelerators
  $ neuron --version
  neuron 0.1.0

Help after a mistake is talk: nothing goes to standard output.

  $ neuron 2>/dev/null
  ? 2
  $ neuron packager 2>&1 >/dev/null | tail -n 1
  neuron: a command is needed after 'neuron packager'

Each command explains itself, links included.

  $ neuron profile --help | head -n 3
  usage: neuron profile COMMAND ...
  
  Record where the time of a NEFF goes, and look at it
  $ ln -s "$(command -v neuron)" neuron-packager; ./neuron-packager --help | head -n 1
  usage: neuron packager COMMAND ...

A hidden command is not listed, but works.

  $ neuron --help | grep -c describe
  0
  ? 1
  $ neuron describe | head -n 2
  {
    "name": "neuron",

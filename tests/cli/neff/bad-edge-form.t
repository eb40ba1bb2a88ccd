An edge is a list of numbers.

  $ neff-text > bad.neff <<'END'
  > set neff.json /nodes/1/inputs/0 "x"
  > END
  $ neuron packager info bad.neff
  ! neuron: bad.neff: neff.json: node 1: an edge is not [node, output, version]
  ? 4

A result of the graph is an output of a node.

  $ neff-text > bad.neff <<'END'
  > set neff.json /heads [[7,0,0]]
  > END
  $ neuron packager info bad.neff
  ! neuron: bad.neff: neff.json: heads: edge [7, 0] does not lead to one of the 2 earlier nodes
  ? 4

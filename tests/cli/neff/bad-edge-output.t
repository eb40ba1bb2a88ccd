An edge leads from an output that is there.

  $ neff-text > bad.neff <<'END'
  > set neff.json /nodes/1/inputs/0 [0,5,0]
  > END
  $ neuron packager info bad.neff
  ! neuron: bad.neff: neff.json: node 1: edge [0, 5] asks a node that has 1 outputs
  ? 4

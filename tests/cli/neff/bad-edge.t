Nodes form a graph without circles: edges lead backwards.

  $ neff-text > bad.neff <<'END'
  > set neff.json /nodes/1/inputs/0 [1,0,0]
  > END
  $ neuron packager info bad.neff
  ! neuron: bad.neff: neff.json: node 1: edge [1, 0] does not lead to one of the 1 earlier nodes
  ? 4

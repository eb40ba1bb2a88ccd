A graph has nodes.

  $ neff-text > bad.neff <<'END'
  > set neff.json /nodes []
  > END
  $ neuron packager info bad.neff
  ! neuron: bad.neff: neff.json: "nodes" is missing or empty
  ? 4

Lists of attributes say their type.

  $ neff-text > bad.neff <<'END'
  > set neff.json /attrs/shape [[4]]
  > END
  $ neuron packager info bad.neff
  ! neuron: bad.neff: neff.json: attrs: "shape" is no pair of type and list
  ? 4

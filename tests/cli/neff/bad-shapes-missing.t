Every output has a shape.

  $ neff-text > bad.neff <<'END'
  > set neff.json /attrs/shape/1 []
  > END
  $ neuron packager info bad.neff
  ! neuron: bad.neff: neff.json: nodes have 2 outputs, attrs give 0 shapes and 2 types
  ? 4

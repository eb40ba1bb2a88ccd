A dimension is never negative.

  $ neff-text > bad.neff <<'END'
  > set neff.json /attrs/shape/1/0/0 -4
  > END
  $ neuron packager info bad.neff
  ! neuron: bad.neff: neff.json: attrs: dimension 0 of a shape is no natural number
  ? 4

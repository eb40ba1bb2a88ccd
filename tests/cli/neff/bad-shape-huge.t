A shape can be counted.

  $ neff-text > bad.neff <<'END'
  > set neff.json /attrs/shape/1/0 [4294967296,4294967296]
  > END
  $ neuron packager info bad.neff
  ! neuron: bad.neff: neff.json: attrs: shape [4294967296,4294967296] has more than 2^62 elements
  ? 4

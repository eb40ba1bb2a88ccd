A call of a NeuronCore names its kelf.

  $ neff-text > bad.neff <<'END'
  > unset neff.json /nodes/1/attrs/kelf
  > END
  $ neuron packager info bad.neff
  ! neuron: bad.neff: neff.json: node 1: "kelf" is missing
  ? 4

A kelf may not lead to a subgraph that is not there.

  $ neff-text > bad.neff <<'END'
  > set kelf-0.json /graphs/0/definition "sg07/def.json"
  > END
  $ neuron packager info bad.neff
  ! neuron: bad.neff: member sg07/def.json is missing
  ? 4

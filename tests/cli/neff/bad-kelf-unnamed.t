A subgraph has a name.

  $ neff-text > bad.neff <<'END'
  > unset kelf-0.json /graphs/0/name
  > END
  $ neuron packager info bad.neff
  ! neuron: bad.neff: kelf-0.json: "name" is missing
  ? 4

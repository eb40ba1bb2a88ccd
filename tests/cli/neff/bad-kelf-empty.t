A kelf lists subgraphs.

  $ neff-text > bad.neff <<'END'
  > set kelf-0.json /graphs []
  > END
  $ neuron packager info bad.neff
  ! neuron: bad.neff: kelf-0.json: "graphs" is missing or empty
  ? 4

An engine that is named is there.

  $ neff-text > bad.neff <<'END'
  > remove sg00/SP.json
  > END
  $ neuron packager info bad.neff
  ! neuron: bad.neff: member sg00/SP.json is missing
  ? 4

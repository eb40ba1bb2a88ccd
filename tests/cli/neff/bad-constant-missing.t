Its file must be there.

  $ neff-text > bad.neff <<'END'
  > remove sg00/value_w.npy
  > END
  $ neuron packager info bad.neff
  ! neuron: bad.neff: sg00/def.json: var w: member sg00/value_w.npy is missing
  ? 4

So are its instructions.

  $ neff-text > bad.neff <<'END'
  > remove sg00/SP.bin
  > END
  $ neuron packager info bad.neff
  ! neuron: bad.neff: member sg00/SP.bin is missing
  ? 4

A node may not lead to a kelf that is not there.

  $ neff-text > bad.neff <<'END'
  > remove kelf-0.json
  > END
  $ neuron packager info bad.neff
  ! neuron: bad.neff: member kelf-0.json is missing
  ? 4

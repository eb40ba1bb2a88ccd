So is a NEFF version from the future.

  $ neff-text > bad.neff <<'END'
  > header neff_version_major 9
  > END
  $ neuron packager info bad.neff
  ! neuron: bad.neff: header: NEFF version at byte 24 is 9.0, newest known is 2
  ? 5

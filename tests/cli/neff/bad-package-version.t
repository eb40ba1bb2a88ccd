A package version from the future is no damage: the status says so.

  $ neff-text > bad.neff <<'END'
  > header pkg_version 3
  > END
  $ neuron packager info bad.neff
  ! neuron: bad.neff: header: pkg_version at byte 0 is 3, known are 1 and 2
  ? 5

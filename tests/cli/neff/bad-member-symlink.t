Links could lead anywhere.

  $ neff-text > bad.neff <<'END'
  > type info.json 2
  > END
  $ neuron packager info bad.neff
  ! neuron: bad.neff: archive: member info.json is a symbolic link, expected a file or directory
  ? 4

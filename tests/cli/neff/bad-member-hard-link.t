A hard link could lead anywhere too.

  $ neff-text > bad.neff <<'END'
  > type info.json 1
  > END
  $ neuron packager info bad.neff
  ! neuron: bad.neff: archive: member info.json is a hard link, expected a file or directory
  ? 4

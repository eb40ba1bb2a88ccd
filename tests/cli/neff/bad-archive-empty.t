A package holds files.

  $ neff-text > bad.neff <<'END'
  > plain
  > cut 99999999
  > END
  $ neuron packager info bad.neff
  ! neuron: bad.neff: archive: it holds no files
  ? 4

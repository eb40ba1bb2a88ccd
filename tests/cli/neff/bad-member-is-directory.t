A file cannot also be a directory.

  $ neff-text > bad.neff <<'END'
  > text sg00 words
  > END
  $ neuron packager info bad.neff
  ! neuron: bad.neff: archive: member sg00 is a file and a directory of others
  ? 4

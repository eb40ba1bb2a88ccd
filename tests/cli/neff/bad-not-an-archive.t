A payload that is no archive is named so.

  $ neff-text > bad.neff <<'END'
  > plain
  > flip 0
  > flip 1
  > END
  $ neuron packager info bad.neff
  ! neuron: bad.neff: archive: tar: unrecognized archive format
  ? 4

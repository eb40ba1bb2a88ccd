A constant must be what its name says.

  $ neff-text > bad.neff <<'END'
  > text sg00/value_w.npy words
  > END
  $ neuron packager info bad.neff
  ! neuron: bad.neff: sg00/def.json: var w: sg00/value_w.npy: not an npy file: it does not begin with \x93NUMPY
  ? 4

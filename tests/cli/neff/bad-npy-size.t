A constant must be as large as its variable.

  $ neff-text > bad.neff <<'END'
  > set sg00/def.json /var/w/size 12
  > END
  $ neuron packager info bad.neff
  ! neuron: bad.neff: sg00/def.json: var w: sg00/value_w.npy holds 16 bytes of data, "size" is 12
  ? 4

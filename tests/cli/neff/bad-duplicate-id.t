An id names one variable.

  $ neff-text > bad.neff <<'END'
  > set sg00/def.json /var/y/var_id 1
  > END
  $ neuron packager info bad.neff
  ! neuron: bad.neff: sg00/def.json: var y: id 1 belongs to x already
  ? 4

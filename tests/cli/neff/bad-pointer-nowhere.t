A pointer points at a variable.

  $ neff-text > bad.neff <<'END'
  > set sg00/def.json /var/p {"type":"pointer","var_id":8,"referenced_var_id":99}
  > END
  $ neuron packager info bad.neff
  ! neuron: bad.neff: sg00/def.json: var p: no variable has id 99
  ? 4

Pointers may not lead in a circle.

  $ neff-text > bad.neff <<'END'
  > set sg00/def.json /var/p {"type":"pointer","var_id":8,"referenced_var_id":9}
  > set sg00/def.json /var/q {"type":"pointer","var_id":9,"referenced_var_id":8}
  > END
  $ neuron packager info bad.neff
  ! neuron: bad.neff: sg00/def.json: var p: pointers lead in a circle
  ? 4

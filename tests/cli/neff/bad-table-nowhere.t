A table lists variables.

  $ neff-text > bad.neff <<'END'
  > set sg00/def.json /var/t {"type":"dge-table","var_id":8,"list":[99]}
  > END
  $ neuron packager info bad.neff
  ! neuron: bad.neff: sg00/def.json: var t: no variable has id 99
  ? 4

A table lists no tables.

  $ neff-text > bad.neff <<'END'
  > set sg00/def.json /var/t {"type":"dge-table","var_id":8,"list":[8]}
  > END
  $ neuron packager info bad.neff
  ! neuron: bad.neff: sg00/def.json: var t: its list holds the table t
  ? 4

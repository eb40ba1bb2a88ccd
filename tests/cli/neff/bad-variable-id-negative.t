Ids count from 0.

  $ neff-text > bad.neff <<'END'
  > set sg00/def.json /var/x/var_id -1
  > END
  $ neuron packager info bad.neff
  ! neuron: bad.neff: sg00/def.json: var x: "var_id" has a wrong type or range
  ? 4

A number where a name should be.

  $ neff-text > bad.neff <<'END'
  > set sg00/def.json /var/x/type 7
  > END
  $ neuron packager info bad.neff
  ! neuron: bad.neff: sg00/def.json: var x: "type" has a wrong type or range
  ? 4

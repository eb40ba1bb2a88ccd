A size is a whole number.

  $ neff-text > bad.neff <<'END'
  > set sg00/def.json /var/x/size 16.5
  > END
  $ neuron packager info bad.neff
  ! neuron: bad.neff: sg00/def.json: var x: "size" has a wrong type or range
  ? 4

A tensor has a size.

  $ neff-text > bad.neff <<'END'
  > unset sg00/def.json /var/x/size
  > END
  $ neuron packager info bad.neff
  ! neuron: bad.neff: sg00/def.json: var x: "size" is missing
  ? 4

The variables are an object.

  $ neff-text > bad.neff <<'END'
  > set sg00/def.json /var []
  > END
  $ neuron packager info bad.neff
  ! neuron: bad.neff: sg00/def.json: "var" is no object
  ? 4

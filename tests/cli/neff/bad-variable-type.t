The kind of a variable is a known word.

  $ neff-text > bad.neff <<'END'
  > set sg00/def.json /var/x/type "imput"
  > END
  $ neuron packager info bad.neff
  ! neuron: bad.neff: sg00/def.json: var x: "type" imput is not known
  ? 4

The name of a network is a text.

  $ neff-text > bad.neff <<'END'
  > set info.json /name 7
  > header name 0
  > END
  $ neuron packager info bad.neff
  ! neuron: bad.neff: info.json: "name" has a wrong type or range
  ? 4

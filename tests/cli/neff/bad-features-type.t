Features are words.

  $ neff-text > bad.neff <<'END'
  > set sg00/def.json /neff_features [1]
  > END
  $ neuron packager info bad.neff
  ! neuron: bad.neff: sg00/def.json: "neff_features"[0] has a wrong type or range
  ? 4

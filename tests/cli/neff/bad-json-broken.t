Broken JSON is named with its byte.

  $ neff-text > bad.neff <<'END'
  > text neff.json {"nodes": [}
  > END
  $ neuron packager info bad.neff
  ! neuron: bad.neff: neff.json: json is broken at byte 12
  ? 4

Two members of one name leave open which counts.

  $ neff-text > bad.neff <<'END'
  > rename info.json neff.json
  > END
  $ neuron packager info bad.neff
  ! neuron: bad.neff: archive: member neff.json appears twice
  ? 4

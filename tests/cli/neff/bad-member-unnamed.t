A file has a name.

  $ neff-text > bad.neff <<'END'
  > rename info.json .
  > END
  $ neuron packager info bad.neff
  ! neuron: bad.neff: archive: a member has an empty name
  ? 4

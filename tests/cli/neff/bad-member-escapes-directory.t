No member may leave the package.

  $ neff-text > bad.neff <<'END'
  > rename info.json ../info.json
  > END
  $ neuron packager info bad.neff
  ! neuron: bad.neff: archive: member ../info.json leaves the package
  ? 4

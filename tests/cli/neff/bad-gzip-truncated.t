A gzip stream that ends early is never taken for a whole one.

  $ neff-text > bad.neff <<'END'
  > cut 40
  > END
  $ neuron packager info bad.neff
  ! neuron: bad.neff: archive: the gzip stream ends early, after <any> bytes
  ? 4

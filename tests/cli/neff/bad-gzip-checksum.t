A flipped byte is found by the checksum or before.

  $ neff-text > bad.neff <<'END'
  > flip 200
  > END
  $ neuron packager info bad.neff
  ! neuron: bad.neff: archive: the gzip stream is damaged at byte <any>
  ? 4

After the gzip stream only padding may follow.

  $ neff-text > bad.neff <<'END'
  > append tail
  > END
  $ neuron packager info bad.neff
  ! neuron: bad.neff: archive: byte 0 after the gzip stream is 0x74, expected zero padding
  ? 4

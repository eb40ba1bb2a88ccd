A header that lies about its own size is refused, with the offset and both numbers.

  $ neff-text > bad.neff <<'END'
  > header header_size 512
  > END
  $ neuron packager info bad.neff
  ! neuron: bad.neff: header: header_size at byte 8 is 512, expected 1024
  ? 4

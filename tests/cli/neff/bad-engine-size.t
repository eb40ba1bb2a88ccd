A program is made of whole instructions.

  $ neff-text > bad.neff <<'END'
  > zeros sg00/SP.bin 100
  > END
  $ neuron packager info bad.neff
  ! neuron: bad.neff: sg00/SP.bin: 100 bytes, expected a multiple of 64, the instruction size
  ? 4

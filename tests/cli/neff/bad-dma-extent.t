A dimension does not reach beyond all memory.

  $ neff-text > bad.neff <<'END'
  > set sg00/SP.json /dma/0/desc/0/from_steps [4611686018427387904]
  > END
  $ neuron packager info bad.neff
  ! neuron: bad.neff: sg00/SP.json: dma[0]: desc 0: "from": dimension 0 of 16 steps of 4611686018427387904 is out of range
  ? 4

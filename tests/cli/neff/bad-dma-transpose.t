A transposed shape has four dimensions.

  $ neff-text > bad.neff <<'END'
  > set sg00/SP.json /dma/0/desc/0/op "transpose"
  > set sg00/SP.json /dma/0/desc/0/transpose_shape [1,2,3]
  > END
  $ neuron packager info bad.neff
  ! neuron: bad.neff: sg00/SP.json: dma[0]: desc 0: "transpose_shape" has 3 dimensions, expected 4
  ? 4

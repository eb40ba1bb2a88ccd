A side has at most four dimensions.

  $ neff-text > bad.neff <<'END'
  > set sg00/SP.json /dma/0/desc/0/from_steps [1,1,1,1,1]
  > set sg00/SP.json /dma/0/desc/0/from_sizes [1,1,1,1,1]
  > END
  $ neuron packager info bad.neff
  ! neuron: bad.neff: sg00/SP.json: dma[0]: desc 0: "from" has 5 steps and 5 sizes, expected as many, up to 4
  ? 4

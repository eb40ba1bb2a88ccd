Every dimension has a step and a size.

  $ neff-text > bad.neff <<'END'
  > set sg00/SP.json /dma/0/desc/0/from_steps [1,1]
  > END
  $ neuron packager info bad.neff
  ! neuron: bad.neff: sg00/SP.json: dma[0]: desc 0: "from" has 2 steps and 1 sizes, expected as many, up to 4
  ? 4

A transfer has at most 16 sources.

  $ neff-text > bad.neff <<'END'
  > set sg00/SP.json /dma/0/desc/0/from_arr [0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16]
  > END
  $ neuron packager info bad.neff
  ! neuron: bad.neff: sg00/SP.json: dma[0]: desc 0: "from_arr" has 17 sources, at most 16 are allowed
  ? 4

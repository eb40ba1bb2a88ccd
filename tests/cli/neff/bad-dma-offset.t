Nothing lies before a variable.

  $ neff-text > bad.neff <<'END'
  > set sg00/SP.json /dma/0/desc/0/from_off -4
  > END
  $ neuron packager info bad.neff
  ! neuron: bad.neff: sg00/SP.json: dma[0]: desc 0: "from_off" -4 is out of range
  ? 4

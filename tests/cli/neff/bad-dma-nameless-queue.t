A queue has a name.

  $ neff-text > bad.neff <<'END'
  > set sg00/SP.json /dma/0/queue ""
  > END
  $ neuron packager info bad.neff
  ! neuron: bad.neff: sg00/SP.json: dma[0]: "queue" is empty
  ? 4

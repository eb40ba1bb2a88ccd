It travels on a queue that exists.

  $ neff-text > bad.neff <<'END'
  > set sg00/SP.json /dma/0/queue "qNone"
  > END
  $ neuron packager info bad.neff
  ! neuron: bad.neff: sg00/SP.json: dma 0: no queue is called qNone
  ? 4

A queue has 1 to 16 rings.

  $ neff-text > bad.neff <<'END'
  > set sg00/def.json /dma_queue/qSPIO0/num_queues 17
  > END
  $ neuron packager info bad.neff
  ! neuron: bad.neff: sg00/def.json: dma_queue qSPIO0: "num_queues" is 17, expected 1 to 16
  ? 4

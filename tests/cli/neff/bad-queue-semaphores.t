Each ring has a semaphore.

  $ neff-text > bad.neff <<'END'
  > set sg00/def.json /dma_queue/qSPIO0/semaphore_set [8,9,10]
  > END
  $ neuron packager info bad.neff
  ! neuron: bad.neff: sg00/def.json: dma_queue qSPIO0: "semaphore_set" has 3 entries for 1 queues
  ? 4

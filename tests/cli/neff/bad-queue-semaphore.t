There are 256 semaphores.

  $ neff-text > bad.neff <<'END'
  > set sg00/def.json /dma_queue/qSPIO0/semaphore_set [256]
  > END
  $ neuron packager info bad.neff
  ! neuron: bad.neff: sg00/def.json: dma_queue qSPIO0: semaphore 256 does not exist, the last is 255
  ? 4

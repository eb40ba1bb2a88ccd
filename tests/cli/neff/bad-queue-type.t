The kind of a queue is a known word.

  $ neff-text > bad.neff <<'END'
  > set sg00/def.json /dma_queue/qSPIO0/type "inout"
  > END
  $ neuron packager info bad.neff
  ! neuron: bad.neff: sg00/def.json: dma_queue qSPIO0: "type" inout is not known
  ? 4

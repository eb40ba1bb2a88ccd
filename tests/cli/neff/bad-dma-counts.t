Both sides of a transfer have as many elements.

  $ neff-text > bad.neff <<'END'
  > set sg00/SP.json /dma/0/desc/0/to_sizes [4]
  > END
  $ neuron packager verify bad.neff
  bad.neff: 1 error; 7 members, 1 subgraph, 2 instructions; hash MD5
    error    transfer-sizes: sg00/SP.json, byte 17, /dma/0/desc/0
             a DMA transfer reads and writes different counts of elements: dma 0 of queue qSPIO0 reads 16 elements of x and writes 4 of SB
             remedy: compile the model again
  ! neuron: bad.neff is not sound
  ? 4

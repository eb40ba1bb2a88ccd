Zeros are no program.

  $ neff-text > bad.neff <<'END'
  > zeros sg00/SP.bin 64
  > END
  $ neuron packager verify bad.neff
  bad.neff: 1 error, 1 warning; 7 members, 1 subgraph, 1 instruction; hash MD5
    error    instruction: sg00/SP.bin, byte 0
             an instruction has not the form that all have: instruction 0 is 64 zero bytes
             remedy: the program is damaged; put the original member back, or compile the model again
    warning  transfer-idle: sg00/SP.json, byte 8, /dma/0
             a DMA transfer is never started: dma 0 of queue qSPIO0
             remedy: the engine's JSON and its instructions come from different builds; take both from one
  ! neuron: bad.neff is not sound
  ? 4

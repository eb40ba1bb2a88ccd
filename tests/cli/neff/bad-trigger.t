A trigger starts a transfer that is listed.

  $ neff-text > bad.neff <<'END'
  > byte sg00/SP.bin 48 3
  > END
  $ neuron packager verify bad.neff
  bad.neff: 1 error, 1 warning; 7 members, 1 subgraph, 2 instructions; hash MD5
    error    reference: sg00/SP.bin, byte 0
             a name or id leads to nothing: instruction 0 starts dma 3 of queue qSPIO0, and SP.json lists none
             remedy: a member belongs to another build; take all members from one compilation
    warning  transfer-idle: sg00/SP.json, byte 8, /dma/0
             a DMA transfer is never started: dma 0 of queue qSPIO0
             remedy: the engine's JSON and its instructions come from different builds; take both from one
  ! neuron: bad.neff is not sound
  ? 4

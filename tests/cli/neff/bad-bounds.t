A transfer stays inside its variables.

  $ neff-text > bad.neff <<'END'
  > set sg00/SP.json /dma/0/desc/0/from_off 4
  > END
  $ neuron packager verify bad.neff
  bad.neff: 1 error; 7 members, 1 subgraph, 2 instructions; hash MD5
    error    bounds: sg00/SP.json, byte 17, /dma/0/desc/0
             bytes beyond the end of a variable are moved: dma 0 of queue qSPIO0 moves bytes 4 to 19 of x, which has 16
             remedy: compile the model again; running it would read or overwrite foreign memory
  ! neuron: bad.neff is not sound
  ? 4

An instruction has 16 words.

  $ neff-text > bad.neff <<'END'
  > byte sg00/SP.bin 1 0x20
  > END
  $ neuron packager verify bad.neff
  bad.neff: 1 error; 7 members, 1 subgraph, 2 instructions; hash MD5
    error    instruction: sg00/SP.bin, byte 0
             an instruction has not the form that all have: instruction 0 begins c1 20 00 00, expected .. 10 00 00
             remedy: the program is damaged; put the original member back, or compile the model again
  ! neuron: bad.neff is not sound
  ? 4

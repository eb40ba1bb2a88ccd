A wait for what never comes would hang.

  $ neff-text > bad.neff <<'END'
  > byte sg00/SP.bin 72 9
  > END
  $ neuron packager verify bad.neff
  bad.neff: 1 error; 7 members, 1 subgraph, 2 instructions; hash MD5
    error    wait: sg00/SP.bin, byte 64
             an engine waits for something that never comes: instruction 1 (NOP) waits for semaphore 8 to reach 9, which the whole program raises to 1
             remedy: compile the model again; running it would hang until the timeout
  ! neuron: bad.neff is not sound
  ? 4

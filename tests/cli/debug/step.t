The debugger stops before the first instruction. A step is one instruction, or the transfer that one started.

  $ neff-text > small.neff </dev/null
  $ printf 'where\nstep\nprint semaphore 8\nstep\nprint semaphore 8\nprint sbuf 0 0 2\ncontinue\n' > script
  $ neuron debug small.neff --script script
  sg00 Sync       0  PSEUDO_DMA_TRIGGER   queue=qSPIO0 dma_id=0x0
  > where
  sg00 Sync       0  PSEUDO_DMA_TRIGGER   queue=qSPIO0 dma_id=0x0
  > step
  transfer of sg00 Sync       0  PSEUDO_DMA_TRIGGER   queue=qSPIO0 dma_id=0x0
  > print semaphore 8
  sg00 S[8] = 0
  > step
  sg00 Sync       1  NOP                  S[8]>=1 cycle=0
  > print semaphore 8
  sg00 S[8] = 1
  > print sbuf 0 0 2
  float32 0 0
  > continue
  the program has ended

Breaks by instruction and by semaphore; what is not understood is answered, and fails a script.

  $ printf 'break sp:1\nbreak semaphore 8 1\nwatch x 4\ncontinue\ndisassemble sp\nbrake\nquit\n' > script
  $ neuron debug small.neff --script script
  sg00 Sync       0  PSEUDO_DMA_TRIGGER   queue=qSPIO0 dma_id=0x0
  > break sp:1
  > break semaphore 8 1
  > watch x 4
  > continue
  sg00 Sync       1  NOP                  S[8]>=1 cycle=0
  > disassemble sp
     sg00 Sync       0  PSEUDO_DMA_TRIGGER   queue=qSPIO0 dma_id=0x0
  => sg00 Sync       1  NOP                  S[8]>=1 cycle=0
  > brake
  ? no command 'brake'; help lists them
  > quit
  ! neuron: small.neff: 1 command was not understood
  ? 2

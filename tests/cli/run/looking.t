Looking inside a run: what each instruction leaves, whether all is ordered, and whether all that is read was written.

  $ neff-text > small.neff </dev/null
  $ neuron run small.neff --trace -
  sg00 Sync        0  PSEUDO_DMA_TRIGGER   queue=qSPIO0 dma_id=0x0
  sg00 Sync        0  DMA 16 bytes x -> SB on qSPIO0  = uint8 [16] min 0 max 0 mean 0
  sg00 Sync        1  NOP                  S[8]>=1 cycle=0
  $ neuron run small.neff --check-races --poison
  nothing is read before it is written
  no races: all that touch the same bytes are ordered
  $ neuron run small.neff --dump out && ls out
  1 arrays -> out
  index.json
  sg00-sp-000000.npy

A program is text, too, and comes back as the same bytes.

  $ neuron disassemble small.neff --engine sp --assembly | tee sp.s
  ; sg00 sp: 2 instructions
  PSEUDO_DMA_TRIGGER queue=qSPIO0 dma_id=0x0
  NOP wait=5:8>=1
  $ neuron assemble sp.s -o sp.bin && neuron packager unpack small.neff >/dev/null && cmp sp.bin small/sg00/SP.bin
  2 instructions -> sp.bin

Other constants for the clock, by name.

  $ echo '{"nop": 1000}' > slow.json; neuron run small.neff --what-if slow.json --no-save | head -n 1 | cut -c1-2
  y:
  ! Input tensor x will be zero-filled
  $ echo '{"matmul_worm": 1}' > typo.json; neuron run small.neff --what-if typo.json
  ! neuron: typo.json: no constant 'matmul_worm'; did you mean 'matmul_warm'?
  ? 13

The tensor engine's clock as a device had it, from its trace.

  $ neuron profile capture -n small.neff -s small.ntff >/dev/null 2>&1
  $ neuron run small.neff --clock-from small.ntff --no-save 2>/dev/null | head -n 1 | cut -c1-2
  y:

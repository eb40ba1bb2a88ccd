A transfer may only move what exists.

  $ neff-text > bad.neff <<'END'
  > set sg00/SP.json /dma/0/desc/0/from "nothing"
  > END
  $ neuron packager info bad.neff
  ! neuron: bad.neff: sg00/SP.json: dma 0: no variable is called nothing
  ? 4

A transfer has an id.

  $ neff-text > bad.neff <<'END'
  > unset sg00/SP.json /dma/0/id
  > END
  $ neuron packager info bad.neff
  ! neuron: bad.neff: sg00/SP.json: dma[0]: "id" is missing
  ? 4

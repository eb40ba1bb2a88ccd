A transfer does what is known.

  $ neff-text > bad.neff <<'END'
  > set sg00/SP.json /dma/0/desc/0/op "xor"
  > END
  $ neuron packager info bad.neff
  ! neuron: bad.neff: sg00/SP.json: dma[0]: desc 0: "op" xor is not known
  ? 4

An alignment is a power of two.

  $ neff-text > bad.neff <<'END'
  > set sg00/def.json /var/x/alignment 3
  > END
  $ neuron packager info bad.neff
  ! neuron: bad.neff: sg00/def.json: var x: "alignment" 3 is no power of two
  ? 4

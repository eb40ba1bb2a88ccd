Graph and subgraph agree on the size of a tensor.

  $ neff-text > bad.neff <<'END'
  > set neff.json /attrs/shape/1/0 [5]
  > END
  $ neuron packager verify --strict bad.neff
  bad.neff: sound, 1 warning; 7 members, 1 subgraph, 2 instructions; hash MD5
    warning  interface-size: sg00/def.json, byte 615, /var/x
             graph and subgraph give a tensor different sizes: x has 16 bytes here, in neff.json [5] of float32 are 20
             remedy: neff.json and def.json come from different builds; take both from one
  ! neuron: bad.neff is not sound
  ? 4

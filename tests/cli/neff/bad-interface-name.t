What a subgraph reads, the graph gives.

  $ neff-text > bad.neff <<'END'
  > set neff.json /nodes/0/output_names ["z"]
  > END
  $ neuron packager verify bad.neff
  bad.neff: 1 error; 7 members, 1 subgraph, 2 instructions; hash MD5
    error    interface: sg00/def.json, byte 615, /var/x
             graph and subgraph disagree on a tensor: input x is fed by no input of node 1
             remedy: neff.json and def.json come from different builds; take both from one
  ! neuron: bad.neff is not sound
  ? 4

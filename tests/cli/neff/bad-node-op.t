A node is an input or a call.

  $ neff-text > bad.neff <<'END'
  > set neff.json /nodes/1/op "call"
  > END
  $ neuron packager info bad.neff
  ! neuron: bad.neff: neff.json: node 1: "op" is call, expected null or tvm_op
  ? 4

A call of the CPU leads into cpu.so.

  $ neff-text > bad.neff <<'END'
  > set neff.json /nodes/2 {"op":"tvm_op","name":"f","attrs":{"func_name":"f"},"inputs":[[1,0,0]],"output_names":["z"]}
  > set neff.json /attrs/shape/1 [[4],[4],[4]]
  > set neff.json /attrs/dltype/1 ["float32","float32","float32"]
  > END
  $ neuron packager verify bad.neff
  bad.neff: 1 error; 7 members, 1 subgraph, 2 instructions; hash MD5
    error    member-missing: cpu.so
             a member that others need is not there: node 2 calls f in it
             remedy: add it and pack again with 'neuron packager create', or compile the model again
  ! neuron: bad.neff is not sound
  ? 4

A block of a transformer, cut for ranks that compute it together: each has some columns of a factor, or
some heads, and the rows of the next factor; sums go over all of them.

  $ awk -f "$SOURCE/tests/cli/compile/transformer.awk" | protoc -I/usr/include --encode=onnx.ModelProto onnx/onnx.proto >block.onnx
  $ neuron compile block.onnx --target trn2 -o one.neff 2>/dev/null | grep -o "^one.neff"; neuron run one.neff --fill random --npy >/dev/null && mv y.npy expected.npy
  one.neff
  $ neuron compile block.onnx --target trn2 --tensor-parallel 4 -o block.neff
  block.rank0.neff: <any> bytes for trn2
  block.rank1.neff: <any> bytes for trn2
  block.rank2.neff: <any> bytes for trn2
  block.rank3.neff: <any> bytes for trn2
  predicted: <any> us on NeuronCore-v3, bound by <any>
  ! neuron: warning: has collective operations in a form of our own (see neuron-neff(5)), which only this simulator runs
  ! neuron: warning: uses instruction codes of our own (see neuron-neff(5)), which only this simulator runs
  $ neuron run block.neff --ranks 4 --fill random --no-save --expect y expected.npy
  y: float32 [1,8,32]
  1 execution: host <any> ms (fastest), modelled device time <any> us
  y: as in expected.npy
  $ neuron compile block.onnx --target trn2 --tensor-parallel 2 -o two.neff --json 2>/dev/null | grep -A3 packages
    "packages": [
      "two.rank0.neff",
      "two.rank1.neff"
    ],
  $ neuron run two.neff --ranks 2 --fill random --no-save --expect y expected.npy | tail -n 1
  y: as in expected.npy
  $ neuron compile block.onnx --target trn2 --tensor-parallel 4 --dump-graph 2>/dev/null | grep -o "neuron\.[A-Za-z]*" | sort | uniq -c
        2 neuron.AllReduce

The time of the collective operations is part of the prediction, and of the trace.

  $ neuron run block.rank0.neff --predict
  predicted: <any> us, bound by <any>
  $ neuron profile capture -n block.neff -s profile.ntff -r 4 x expected.npy
  Profile of execution 1 written to profile_rank_0.ntff
  Profile of execution 1 written to profile_rank_1.ntff
  Profile of execution 1 written to profile_rank_2.ntff
  Profile of execution 1 written to profile_rank_3.ntff
  $ neuron profile view -n block.rank2.neff -s profile_rank_2.ntff --output-format summary-text | grep cc_op
  cc_op_active_time                          1.5230266e-05
  cc_op_active_time_percent                  <any>
  cc_op_count                                2
  cc_op_time                                 1.5230266e-05
  $ neuron profile view -n block.rank2.neff -s profile_rank_2.ntff --output-format json --output-file p.json; grep -o '"operation":"[a-z_]*","algorithm":"[a-z]*"' p.json
  "operation":"all_reduce","algorithm":"mesh"
  "operation":"all_reduce","algorithm":"mesh"
  $ neuron profile view -n block.rank2.neff -s profile_rank_2.ntff --output-format perfetto --output-file p.pftrace; grep -ao "CC-core [0-9]*" p.pftrace | sort -u
  CC-core 0

Under a launcher each process is one rank of the package; rank 0 tells and saves.

  $ export NEURON_RT_ROOT_COMM_ID=127.0.0.1:46836
  > OMPI_COMM_WORLD_RANK=1 OMPI_COMM_WORLD_SIZE=2 neuron run two.neff --ranks 2 --fill random --expect y expected.npy & SLURM_PROCID=0 SLURM_STEP_NUM_TASKS=2 neuron run two.neff --ranks 2 --fill random --no-save --expect y expected.npy | tail -n 1; wait $! && echo "rank 1 too"
  y: as in expected.npy
  rank 1 too
  $ OMPI_COMM_WORLD_RANK=1 OMPI_COMM_WORLD_SIZE=4 neuron run two.neff --ranks 2
  ! neuron: --ranks is 2, Open MPI started 4
  ? 2

The same without a launcher, by a program of one process with a thread a rank, is in api/package-ranks.t.
Inputs can be shared out instead.

  $ awk -v batch=2 -f "$SOURCE/tests/cli/compile/transformer.awk" | protoc -I/usr/include --encode=onnx.ModelProto onnx/onnx.proto >batch.onnx
  $ neuron compile batch.onnx --target trn2 -o all.neff 2>/dev/null | grep -o "^all.neff"; neuron run all.neff --fill random --npy >/dev/null && mv y.npy all.npy
  all.neff
  $ neuron compile batch.onnx --target trn2 --data-parallel 2 -o half.neff 2>/dev/null | grep -o "^half.rank..neff"
  half.rank0.neff
  half.rank1.neff
  $ neuron run half.neff --ranks 2 --fill random --no-save --expect y all.npy | tail -n 1
  y: as in all.npy

What cannot be shared out says so, and nothing is written.

  $ neuron compile block.onnx --target trn2 --tensor-parallel 3 -o odd.neff; ls odd*
  ! neuron: block.onnx: no product has a constant factor whose columns 3 ranks can share
  ! ls: cannot access 'odd*': No such file or directory
  ? 2
  $ neuron compile block.onnx --target trn2 --data-parallel 2 -o odd.neff
  ! neuron: block.onnx: no input has a first dimension that 2 ranks can share
  ? 6
  $ neuron compile block.onnx --target trn2 --data-parallel 2 --tensor-parallel 2
  ! neuron: --tensor-parallel and --data-parallel cannot be combined
  ? 2
  $ neuron run block.rank0.neff
  ! Input tensor x will be zero-filled
  ! neuron: sg00: a collective operation needs its other ranks: load the package on each by nrt_load_collectives
  ? 11

What cannot be done is said before anybody starts.

  $ neuron collectives -r 2
  ! neuron: an operation is needed: all_reduce, all_gather, all_gatherv, reduce_scatter, alltoall, alltoallv, sendrecv, permute
  ? 2
  $ neuron collectives -r 2 allreduce
  ! neuron: unknown operation 'allreduce', expected all_reduce, all_gather, all_gatherv, reduce_scatter, alltoall, alltoallv, sendrecv, permute
  ? 2
  $ neuron collectives allr
  ! neuron: --nworkers is needed
  ? 2
  $ neuron collectives -r 2 -b 1t allr
  ! neuron: --minbytes is 1t, expected a size such as 8, 1kb, 32M or 1GB
  ? 2
  $ neuron collectives -r 2 -b 2k -e 1k allr
  ! neuron: --maxbytes 1k is less than --minbytes 2k
  ? 2
  $ neuron collectives -r 2 -d fp64 allr
  ! neuron: --datatype is fp64, expected uint8, int8, fp8, uint16, int16, fp16, bf16, uint32, int32, fp32
  ? 2
  $ neuron collectives -r 2 --stats q50 allr
  ! neuron: --stats: q50 is neither avg nor p0 to p100
  ? 2
  $ neuron collectives -r 2 alltoallv
  ! neuron: alltoallv needs --variable-size-op-metadata
  ? 2
  $ neuron collectives -r 3 -N 2 --hosts a b allr
  ! neuron: NEURON_RT_ROOT_COMM_ID is needed with several hosts: an address of this host that the others reach, and a free port
  ? 2
  $ NEURON_RT_ROOT_COMM_ID=here neuron collectives -r 2 allr
  ! neuron: NEURON_RT_ROOT_COMM_ID is "here", expected IPV4:PORT, [IPV6]:PORT or NAME:PORT
  ? 2

A rank that does not come is named by those who wait.

  $ OMPI_COMM_WORLD_RANK=0 OMPI_COMM_WORLD_SIZE=3 NEURON_RT_ROOT_COMM_ID=127.0.0.1:46830 NEURON_SIM_COLLECTIVES_TIMEOUT=1 NEURON_RT_LOG_LEVEL=QUIET neuron collectives allr
  ! neuron: rank 0: ranks 1 and 2 of 3 did not come to 127.0.0.1:46830 within 1 s
  ? 11

One that dies in mid-operation is named by all others, at once.

  $ NEURON_RT_LOG_LEVEL=QUIET neuron collectives -r 3 -n 1000000 -b 64k -e 64k allr >out 2>errors & launcher=$!
  > until [ -s out ]; do sleep 0.1; done; set -- $(cat /proc/$launcher/task/$launcher/children)
  > kill -9 $2; wait $launcher; echo "status $?"; grep -c "rank 1 (host .*, process $2) is gone: the connection was closed" errors
  status 11
  2

Processes of one host run every operation; each rank compares what it got, element by element, with
what the definition of the operation says. All types and sizes up to 64 MiB: tests/collectives.sh.

  $ check() { neuron collectives "$@" --check -n 1 -w 0 --json >/dev/null && echo "$@"; }
  > for op in all_reduce all_gather reduce_scatter alltoall sendrecv permute; do check -r 2 -d fp32 -b 4 -e 256k -f 64 $op; done
  -r 2 -d fp32 -b 4 -e 256k -f 64 all_reduce
  -r 2 -d fp32 -b 4 -e 256k -f 64 all_gather
  -r 2 -d fp32 -b 4 -e 256k -f 64 reduce_scatter
  -r 2 -d fp32 -b 4 -e 256k -f 64 alltoall
  -r 2 -d fp32 -b 4 -e 256k -f 64 sendrecv
  -r 2 -d fp32 -b 4 -e 256k -f 64 permute
  $ check() { neuron collectives "$@" --check -n 1 -w 0 --json >/dev/null && echo "$@"; }
  > for type in uint8 fp8 bf16 int32; do check -r 2 -d $type -b 4 -e 100k -f 25600 allr; done
  -r 2 -d uint8 -b 4 -e 100k -f 25600 allr
  -r 2 -d fp8 -b 4 -e 100k -f 25600 allr
  -r 2 -d bf16 -b 4 -e 100k -f 25600 allr
  -r 2 -d int32 -b 4 -e 100k -f 25600 allr
  $ check() { neuron collectives "$@" --check -n 1 -w 0 --json >/dev/null && echo "$@"; }
  > check -r 4 -d bf16 -b 2M -e 2M redsct; check -r 8 -d fp32 -b 4 -e 1M -f 512 allr; check -r 8 -b 1M -e 1M alltoall
  -r 4 -d bf16 -b 2M -e 2M redsct
  -r 8 -d fp32 -b 4 -e 1M -f 512 allr
  -r 8 -b 1M -e 1M alltoall

Groups of ranks, pairs of permute, and parts of any size come in files.

  $ echo '{"replica_groups": [[[0, 2], [3, 1]]]}' > groups.json
  > echo '{"src_target_pairs": [[[0, 1], [1, 0], [2, 2]]]}' > pairs.json
  > echo '{"metadata": [{"send_counts": [256], "send_displs": [0], "recv_counts": [256, 256, 256, 256], "recv_displs": [0, 256, 512, 768]}]}' > parts.json
  $ neuron collectives -r 4 -n 1 -w 0 -b 64k -e 64k --check --custom-replica-groups groups.json allr >/dev/null
  $ neuron collectives -r 4 -n 1 -w 0 -b 64k -e 64k --check --custom-src-target-pairs pairs.json permute >/dev/null
  $ neuron collectives -r 4 -n 1 -w 0 -b 2048 -e 2048 -d fp16 --check --variable-size-op-metadata parts.json allgv >/dev/null

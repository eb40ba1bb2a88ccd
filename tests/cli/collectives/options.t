Options of nccom-test that nothing stands behind here are refused, with the reason; others are unknown.

  $ neuron collectives -r 2 --streams-json s.json allr
  ! neuron: --streams-json: is not built here: one operation runs at a time; see 'neuron collectives --help'
  ? 2
  $ neuron collectives -r 2 --sb2sb allr
  ! neuron: --sb2sb: is not built here: buffers are those of processes; see 'neuron collectives --help'
  ? 2
  $ nccom-test -r 2 -S allr
  ! neuron: -S,--slurm-mode: is not built here: start the command by srun instead; see 'neuron collectives --help'
  ? 2
  $ neuron collectives -r 2 --min-bytes 8 allr
  ! neuron: unknown option '--min-bytes'; did you mean '--minbytes'?
  ? 2

Operations may have buffers of their own, each compared with the definition, or one output together.

  $ neuron collectives -r 2 --unique-buff --check -n 3 -w 1 -b 4k -e 64k -f 16 -d bf16 --show-input-output-size --json redsct >out; grep -c '"size(B)"' out
  2
  $ neuron collectives -r 3 --unique-buff --shared-output-buff -c -n 2 -b 96 -e 96 alltoall >out; sed -n 2p out | cut -c 1-10
          96
  $ NEURON_RT_LOG_LEVEL=QUIET neuron collectives -r 2 --unique-buff -n 1000 -b 1G -e 1G allr 2>errors >out; echo "status $?"; grep -m 1 -o 'buffers of .*' errors
  status 9
  buffers of their own for 1000 operations of 1073741824 bytes take 2048000 MiB of each rank, at most 8192 are given; ask for fewer --iters, smaller sizes or --shared-output-buff

What a model of the device says, where no rank runs.

  $ NEURON_SIM_INSTANCE=trn2.48xlarge neuron collectives --predict -r 64 -b 1k -e 1G -f 1024 -d fp32 --show-algorithm allr
     size(B)    count(elems)      type    time:avg(us)    algbw(GB/s)    busbw(GB/s)    algorithm
        1024             256      fp32            7.65           0.12           0.25         mesh
     1048576          262144      fp32           45.64          21.40          42.13          rdh
  1073741824       268435456      fp32        23693.56          42.21          83.09    kangaring
  Avg bus bandwidth:	41.8211GB/s
  $ NEURON_SIM_INSTANCE=trn1.32xlarge neuron collectives --predict -r 512 -N 16 -b 64M -e 64M -d bf16 --show-algorithm allr
     size(B)    count(elems)      type    time:avg(us)    algbw(GB/s)    busbw(GB/s)    algorithm
    67108864        33554432      bf16         3695.76          16.91          33.76         hier
  Avg bus bandwidth:	33.7565GB/s
  $ NEURON_SIM_INSTANCE=u-trn2x64 neuron collectives --predict -r 4096 -N 16 -b 4k -e 1G -f 512 -d bf16 --show-algorithm allr
     size(B)    count(elems)      type    time:avg(us)    algbw(GB/s)    busbw(GB/s)    algorithm
        4096            2048      bf16          457.97           0.01           0.02         hier
     2097152         1048576      bf16          527.69           3.70           7.40         hier
  1073741824       536870912      bf16        25970.72          38.50          76.99         hier
  Avg bus bandwidth:	28.1361GB/s
  $ collective-package all_reduce 4096 65536 >wide.neff; neuron run wide.neff --predict
  predicted: 970.8 us, bound by collective operations, busy 99 % of the time
  $ NEURON_SIM_INSTANCE=trn1.2xlarge neuron collectives --predict -r 64 allr
  ! neuron: 64 ranks, 1 trn1.2xlarge have 2 logical cores; see NEURON_SIM_INSTANCE
  ? 9

A package may hold collective operations: each rank loads it by nrt_load_collectives and executes it.
Ranks are cores of one process, each executed by a thread of its own.

  $ gcc -std=c99 -Wall -Wextra -Werror -pedantic "$SOURCE/tests/api/package_ranks.c" -o ranks -I"$SOURCE/lib" -L"$BUILD" -lnrt -lpthread
  $ export LD_LIBRARY_PATH=$BUILD
  > for op in all_gather all_reduce reduce_scatter all_to_all permute send_receive; do
  >   collective-package $op 4 40000 >$op.neff; echo "$op $(./ranks $op.neff $op 40000 0 4 4 | tr '\n' ' ')"; done
  all_gather rank 0: right rank 1: right rank 2: right rank 3: right 
  all_reduce rank 0: right rank 1: right rank 2: right rank 3: right 
  reduce_scatter rank 0: right rank 1: right rank 2: right rank 3: right 
  all_to_all rank 0: right rank 1: right rank 2: right rank 3: right 
  permute rank 0: right rank 1: right rank 2: right rank 3: right 
  send_receive rank 0: right rank 1: right rank 2: right rank 3: right 

Two replica groups, of even and of odd ranks, and the interpreter instead of a plan.

  $ export LD_LIBRARY_PATH=$BUILD
  > collective-package all_to_all 4 4000 halves >halves.neff && ./ranks halves.neff all_to_all 4000 0 4 4 halves
  rank 0: right
  rank 1: right
  rank 2: right
  rank 3: right
  $ export LD_LIBRARY_PATH=$BUILD
  > collective-package all_reduce 2 4000 >two.neff && NEURON_SIM_INTERPRET=1 ./ranks two.neff all_reduce 4000 0 2 2
  rank 0: right
  rank 1: right

Processes meet at NEURON_RT_ROOT_COMM_ID.

  $ export LD_LIBRARY_PATH=$BUILD NEURON_RT_ROOT_COMM_ID=127.0.0.1:46833
  > for op in all_gather reduce_scatter permute; do
  >   collective-package $op 3 40002 >$op.neff
  >   NEURON_RT_NUM_CORES=2 ./ranks $op.neff $op 40002 1 2 3 >others & NEURON_RT_NUM_CORES=1 ./ranks $op.neff $op 40002 0 1 3; wait; cat others; done
  rank 0: right
  rank 1: right
  rank 2: right
  rank 0: right
  rank 1: right
  rank 2: right
  rank 0: right
  rank 1: right
  rank 2: right

A rank that does not come, or is gone, ends the execution of the others with its name.

  $ export LD_LIBRARY_PATH=$BUILD NEURON_RT_ROOT_COMM_ID=127.0.0.1:46834 NEURON_SIM_COLLECTIVES_TIMEOUT=1
  > collective-package all_reduce 2 40000 >two.neff; ./ranks two.neff all_reduce 40000 0 1 2 2>log; grep -o "rank 1 of 2 did not come to 127.0.0.1:.* within 1 s" log | head -n 1
  rank 0: NRT_EXEC_HW_ERR_COLLECTIVES
  rank 1 of 2 did not come to 127.0.0.1:46834 within 1 s

So does one that hangs: it lives and is connected, but does not do its part.

  $ export LD_LIBRARY_PATH=$BUILD NEURON_RT_ROOT_COMM_ID=127.0.0.1:46835 NEURON_SIM_COLLECTIVES_TIMEOUT=2
  > collective-package all_reduce 3 40000 >three.neff; NEURON_RT_NUM_CORES=1 ./ranks three.neff all_reduce 40000 2 1 3 hangs & hung=$!
  > NEURON_RT_NUM_CORES=2 ./ranks three.neff all_reduce 40000 0 2 3 2>log; kill $hung; grep -o "all_reduce: no progress for 2 s: rank 2 (host .*, process $hung) did not take part" log | grep -o "rank 2 " | sort -u
  rank 0: NRT_EXEC_HW_ERR_COLLECTIVES
  rank 1: NRT_EXEC_HW_ERR_COLLECTIVES
  rank 2 

Loaded as any other package, by nrt_load, it says what is missing.

  $ collective-package all_reduce 2 64 >two.neff; neuron run two.neff
  ! Input tensor x will be zero-filled
  ! neuron: sg00: a collective operation needs its other ranks: load the package on each by nrt_load_collectives
  ? 11
  $ neuron packager verify two.neff | tail -n 1
  two.neff: sound; 6 members, 1 subgraph, 2 instructions; hash MD5

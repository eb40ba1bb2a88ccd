Ranks are logical cores: of one process, which needs no address, or of several, which meet at
NEURON_RT_ROOT_COMM_ID.

  $ gcc -std=c99 -Wall -Wextra -Werror -pedantic "$SOURCE/tests/api/ranks.c" -o ranks -I"$SOURCE/lib" -L"$BUILD" -lnrt
  $ LD_LIBRARY_PATH=$BUILD ./ranks 0 4 4
  rank 0: right
  rank 1: right
  rank 2: right
  rank 3: right
  $ export LD_LIBRARY_PATH=$BUILD NEURON_RT_ROOT_COMM_ID=127.0.0.1:46831
  > NEURON_RT_NUM_CORES=2 ./ranks 1 2 4 >others & NEURON_RT_NUM_CORES=1 ./ranks 3 1 4 >last & NEURON_RT_NUM_CORES=1 ./ranks 0 1 4; wait; cat others last
  rank 0: right
  rank 1: right
  rank 2: right
  rank 3: right

Calls that wait need a process, or a thread, for each rank.

  $ export LD_LIBRARY_PATH=$BUILD NEURON_RT_ROOT_COMM_ID=127.0.0.1:46832 NEURON_RT_NUM_CORES=1
  > ./ranks 1 1 2 wait >other & ./ranks 0 1 2 wait; wait; cat other
  rank 0: right
  rank 1: right

A rank that does not come ends the operation of those who wait, and the log names it.

  $ NEURON_SIM_COLLECTIVES_TIMEOUT=1 LD_LIBRARY_PATH=$BUILD ./ranks 0 1 2 2>log || echo "status $?"; grep -o "rank 1 of 2 did not come to 127.0.0.1:.* within 1 s" log | head -n 1
  collective: NRT_EXEC_HW_ERR_COLLECTIVES
  status 1
  rank 1 of 2 did not come to 127.0.0.1:<any> within 1 s

libfabric is loaded when ranks of more than one meet, not before; where it is missing the log says what
to do.

  $ ldd "$BUILD/libnrt.so.1" "$(command -v neuron)" | grep -c libfabric
  0
  ? 1
  $ NEURON_SIM_LIBFABRIC=libnone.so LD_LIBRARY_PATH=$BUILD ./ranks 0 2 2 2>log || echo "status $?"; grep -o "libnone.so: .*" log | head -n 1
  collective: NRT_EXEC_HW_ERR_COLLECTIVES
  status 1
  libnone.so: <any>; collectives between ranks need libfabric: install it (Debian: libfabric1), or name its file in NEURON_SIM_LIBFABRIC

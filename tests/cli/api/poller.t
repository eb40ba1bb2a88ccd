Programs around frameworks ask where a tensor is before they wrap it (host memory is of no core),
take a full queue for a reason to poll, which is no error in the log, and pass 0 for a framework that
they do not have.

  $ cp "$SOURCE/tests/data/digits/digits.onnx" . && neuron compile digits.onnx --target trn2 >/dev/null
  $ gcc -std=c99 -Wall -Wextra -Werror -pedantic "$SOURCE/tests/api/poller.c" -o poller -I"$SOURCE/lib" -L"$BUILD" -lnrt
  $ export LD_LIBRARY_PATH=$BUILD NEURON_RT_LOG_LEVEL=WARN
  > ./poller digits.neff 1 2>log; cut -c29- log | sed 's/^ *[0-9]*:[0-9]* *//'
  host memory is of core -1
  device memory is of core 1
  2 events of an execution on core 1
  then NRT_QUEUE_FULL
  WARN  NRT:nrt_init                              framework is 0 (NRT_FRAMEWORK_TYPE_INVALID), taken for 1 (NRT_FRAMEWORK_TYPE_NO_FW)

A C99 program that knows nothing of this project but the published names compiles, links and runs
against libnrt, and computes what the command computes.

  $ cp "$SOURCE/tests/data/digits/digits.onnx" "$SOURCE/tests/data/digits/7.npy" . && neuron compile digits.onnx --target trn2 >/dev/null
  $ tail -c 3136 7.npy > image.bin
  $ gcc -std=c99 -Wall -Wextra -Werror -pedantic "$SOURCE/tests/api/client.c" -o client -I"$SOURCE/lib" -L"$BUILD" -lnrt -pthread
  $ LD_LIBRARY_PATH=$BUILD NEURON_RT_LOG_LEVEL=QUIET ./client digits.neff image image.bin
  probabilities: 2 dimensions, 40 bytes, checksum <any>
  done
  $ NEURON_RT_LOG_LEVEL=QUIET LD_LIBRARY_PATH=$BUILD ./client digits.neff image image.bin | cksum > a; LD_LIBRARY_PATH=$BUILD ./client digits.neff image image.bin 2>/dev/null | cksum | cmp - a

Frameworks close the runtime in an exit handler, when what belongs to threads is gone already, with
requests under way; a call that fails there is answered, too.

  $ cp "$SOURCE/tests/data/digits/digits.onnx" . && neuron compile digits.onnx --target trn2 >/dev/null
  $ gcc -std=c99 -Wall -Wextra -Werror -pedantic "$SOURCE/tests/api/leaver.c" -o leaver -I"$SOURCE/lib" -L"$BUILD" -lnrt
  $ export LD_LIBRARY_PATH=$BUILD NEURON_RT_LOG_LEVEL=QUIET MALLOC_PERTURB_=85
  > for i in 1 2 3 4 5 6 7 8; do ./leaver digits.neff; done | sort | uniq -c | sed 's/^ *//'
  8 closed after 64 requests
  8 then NRT_CLOSED

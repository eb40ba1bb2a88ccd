Another project builds against the installed tree, with CMake and with pkg-config, and the program
runs wherever the tree is moved to.

  $ cmake --install "$BUILD" --prefix first >install.log && mv first moved
  $ ls moved moved/include/nrt
  moved:
  bin
  include
  lib
  share
  
  moved/include/nrt:
  ndebug_stream.h
  ndl
  nds
  nec.h
  nrt.h
  nrt_async.h
  nrt_async_sendrecv.h
  nrt_cpu_node.h
  nrt_experimental.h
  nrt_profile.h
  nrt_status.h
  nrt_sys_trace.h
  nrt_version.h
  $ moved/bin/neuron --version
  neuron 0.1.0
  $ moved/bin/neuron-packager --help | head -n 1
  usage: neuron packager COMMAND ...
  $ test -x moved/bin/kaena_mx_compile && ls moved/share/neuron/python
  mx_neuron.py
  $ test -e moved/share/man/man1/neuron.1 && readlink moved/lib*/libnrt.so moved/lib/*/libnrt.so | head -n 1
  libnrt.so.1

  $ cat > version.c <<'end'
  > #include <nrt/nrt_version.h>
  > #include <stdio.h>
  > int main(void) {
  >   nrt_version_t version;
  >   if (nrt_get_version(&version, sizeof version) != NRT_SUCCESS) return 1;
  >   puts("found");
  >   return 0;
  > }
  > end
  $ cat > CMakeLists.txt <<'end'
  > cmake_minimum_required(VERSION 3.20)
  > project(consumer C)
  > find_package(neuron REQUIRED)
  > add_executable(consumer version.c)
  > target_link_libraries(consumer PRIVATE neuron::nrt)
  > end
  $ cmake -S . -B build -DCMAKE_PREFIX_PATH="$PWD/moved" >cmake.log 2>&1 && cmake --build build >build.log 2>&1 && build/consumer
  found
  $ pc=$(dirname "$(find "$PWD/moved" -name neuron.pc)")
  > gcc version.c $(PKG_CONFIG_PATH=$pc pkg-config --cflags --libs neuron) -o plain && LD_LIBRARY_PATH=$pc/.. ./plain
  found

// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <string>

namespace {
// Each test program has a box of its own, so that tests that run side by side find free cores.
struct OwnBox {
  OwnBox() {
    // In memory, as a user's box is.
    const bool has_memory = ::access("/dev/shm", W_OK) == 0;
    std::string name = has_memory ? "/dev/shm/neuron-box.XXXXXX" : "/tmp/neuron-box.XXXXXX";
    root = ::mkdtemp(name.data());
    ::setenv("NEURON_SIM_ROOT", root.c_str(), 1);
  }
  ~OwnBox() {
    std::error_code ignored;
    std::filesystem::remove_all(root, ignored);
  }
  std::filesystem::path root;
} own_box;
}  // namespace

#if __has_include(<catch2/catch_all.hpp>)
#include <catch2/catch_session.hpp>
int main(int argc, char** argv) { return Catch::Session().run(argc, argv); }
#else
#define CATCH_CONFIG_MAIN
#include <catch2/catch.hpp>
#endif

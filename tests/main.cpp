// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <string>

namespace {
// Each test program has a box of its own, so that tests that run side by side find free cores.
struct OwnBox {
  OwnBox() {
    std::string name = (std::filesystem::temp_directory_path() / "neuron-box.XXXXXX").string();
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

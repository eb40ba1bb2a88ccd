// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include <cstdlib>
#include <iostream>
#include <string_view>

#include "base/heap.h"
#include "cmd/command.h"
#include "cmd/signals.h"

namespace {

bool wants_color() {
  const char* none = std::getenv("NO_COLOR");
  const char* term = std::getenv("TERM");
  return ::isatty(STDOUT_FILENO) == 1 && (!none || !*none) &&
         (!term || std::string_view(term) != "dumb");
}

}  // namespace

int main(int argc, char** argv) {
  neuron::keep_heap_in_huge_pages();
  neuron::cmd::handle_signals();
  std::ios::sync_with_stdio(false);
  return neuron::cmd::main(argc, argv,
                           {.out = std::cout,
                            .err = std::cerr,
                            .color = wants_color(),
                            .progress = ::isatty(STDERR_FILENO) == 1});
}

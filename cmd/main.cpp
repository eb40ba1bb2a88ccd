// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <iostream>
#include <string_view>

#include "base/cleanup.h"
#include "cmd/command.h"

namespace {

// Half-written files must not survive a signal; everything here is async-signal-safe.
extern "C" void on_signal(int number) {
  neuron::remove_unfinished();
  if (number != SIGPIPE) ::_exit(neuron::info(neuron::Code::Interrupted).exit);
  std::signal(SIGPIPE, SIG_DFL);  // the reader is gone: end as every Unix tool does, quietly
  ::raise(SIGPIPE);
}

bool wants_color() {
  const char* none = std::getenv("NO_COLOR");
  const char* term = std::getenv("TERM");
  return ::isatty(STDOUT_FILENO) == 1 && (!none || !*none) &&
         (!term || std::string_view(term) != "dumb");
}

}  // namespace

int main(int argc, char** argv) {
  for (int number : {SIGINT, SIGTERM, SIGHUP, SIGPIPE}) std::signal(number, on_signal);
  std::ios::sync_with_stdio(false);
  return neuron::cmd::main(argc, argv,
                           {.out = std::cout,
                            .err = std::cerr,
                            .color = wants_color(),
                            .progress = ::isatty(STDERR_FILENO) == 1});
}

// SPDX-License-Identifier: Apache-2.0
#include <chrono>

#include "cmd/command.h"

namespace neuron::cmd {

Progress progress_of(Terminal& io) {
  if (!io.progress) return {};
  using Clock = std::chrono::steady_clock;
  return [&io, last = Clock::time_point{}](std::string_view what, std::uint64_t done,
                                           std::uint64_t total) mutable {
    const bool finished = total != 0 && done >= total;
    // Ten lines a second are more than an eye reads; the last one wipes the line.
    if (!finished && Clock::now() - last < std::chrono::milliseconds(100)) return;
    last = Clock::now();
    if (finished)
      io.err << "\r\033[K";
    else if (total != 0)
      io.err << fmt::format("\r\033[K{}: {} of {}", what, done, total);
    else
      io.err << fmt::format("\r\033[K{}: {}", what, done);
    io.err.flush();
  };
}

}  // namespace neuron::cmd

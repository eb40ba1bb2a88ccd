// SPDX-License-Identifier: Apache-2.0
// differential SECONDS [SEED]: random programs by plan and by interpreter until the time is over.
// The first difference ends it, with the seed that repeats it.
#include <fmt/format.h>

#include <chrono>
#include <cstdlib>

#include "tests/unit/sim/both_ways.h"

int main(int argc, char** argv) {
  using Clock = std::chrono::steady_clock;
  if (argc < 2) {
    fmt::print(stderr, "usage: differential SECONDS [SEED]\n");
    return 2;
  }
  const auto end = Clock::now() + std::chrono::seconds(std::atoi(argv[1]));
  const std::uint64_t first = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 1;
  std::uint64_t seed = first;
  for (; Clock::now() < end; ++seed) {
    const auto difference = neuron::sim::test::difference_of(seed);
    const std::string text = difference ? *difference : difference.error().message;
    if (text.empty()) continue;
    fmt::print("seed {}: {}\n", seed, text);
    return 1;
  }
  fmt::print("{} programs from seed {}: no difference\n", seed - first, first);
}

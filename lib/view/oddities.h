// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace neuron::view {

enum class Oddity {
#define ODDITY(name, severity, text) name,
#include "view/oddities.def"
#undef ODDITY
};
inline constexpr std::size_t kOddities = 0
#define ODDITY(name, severity, text) +1
#include "view/oddities.def"
#undef ODDITY
    ;

/// How often each row of oddities.def was met.
struct Oddities {
  std::array<std::uint64_t, kOddities> counts{};
  void count(Oddity what, std::uint64_t times = 1) {
    counts[static_cast<std::size_t>(what)] += times;
  }
  void add(const Oddities& more) {
    for (std::size_t i = 0; i < kOddities; ++i) counts[i] += more.counts[i];
  }
  /// One sentence for each that was met: "loss: 3 DMA packets with ...".
  std::vector<std::string> sentences() const;
};

}  // namespace neuron::view

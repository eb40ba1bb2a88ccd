// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <cstdint>

#include "isa/isa.h"

/// The number generators. NeuronCore-v4 has one XORWOW a lane (published); what older generations
/// have is published as a shift register only, so that all take XORWOW here.
namespace neuron::sim {

inline constexpr unsigned kGenerators = 8;      ///< of each partition, chosen by the instruction
inline constexpr unsigned kGeneratorWords = 6;  ///< five of a shift register, and a counter

/// Marsaglia's XORWOW (Xorshift RNGs, 2003): period 2^192 - 2^32.
struct Xorwow {
  std::array<std::uint32_t, kGeneratorWords> state{};

  /// The state that a seed stands for: no two words of it are zero.
  static Xorwow seeded(std::uint64_t seed) {
    Xorwow out;
    for (std::uint32_t& word : out.state) {  // splitmix64
      seed += 0x9e3779b97f4a7c15;
      std::uint64_t z = (seed ^ seed >> 30) * 0xbf58476d1ce4e5b9;
      z = (z ^ z >> 27) * 0x94d049bb133111eb;
      word = static_cast<std::uint32_t>((z ^ z >> 31) >> 32);
    }
    return out;
  }
  std::uint32_t next() {
    auto& [x, y, z, w, v, d] = state;
    const std::uint32_t t = x ^ x >> 2;
    x = y, y = z, z = w, w = v;
    v = v ^ v << 4 ^ t ^ t << 1;
    return (d += 362437) + v;
  }
  /// From 0 to below 1, in steps of 2^-24.
  float uniform() { return static_cast<float>(next() >> 8) * 0x1p-24f; }
};

/// Where the engines of a core take their random rounding from.
struct Rounding {
  std::array<Xorwow, isa::kEngines> of_engine;
};

}  // namespace neuron::sim

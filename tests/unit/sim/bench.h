// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstring>

#include "base/numbers.h"
#include "sim/sim.h"
#include "tests/catch.h"

/// Small programs for tests: a core, its memory as arrays, and instructions one after the other.
namespace neuron::sim {

struct Bench {
  explicit Bench(isa::ArchId arch = isa::ArchId::V3) : core(arch) {
    program.arch = arch;
    program.name = "sg00";
    program.variables.push_back({"SB", Storage::Local, 0});
  }

  template <class Op>
  void add(isa::Engine engine, const Op& op, isa::Sync sync = {}) {
    program.streams[static_cast<int>(engine)].push_back(isa::encode(sync, op));
  }
  /// Element `index` of a dense row of `type` that starts at `at` in partition `p`.
  void put(std::uint32_t at, unsigned p, std::size_t index, DType type, float value) {
    store_float(core.memory().subspan(at + p * isa::kPartitionStride), index, type, value);
  }
  float get(std::uint32_t at, unsigned p, std::size_t index, DType type = DType::Float32) {
    return load_as_float(core.memory().subspan(at + p * isa::kPartitionStride), index, type);
  }
  std::uint32_t bits(std::uint32_t at, unsigned p = 0) {
    return neuron::load<std::uint32_t>(core.memory(), at + p * isa::kPartitionStride);
  }

  Result<> run(std::span<const std::span<std::byte>> variables = {},
               std::optional<std::uint64_t> shuffle = {}) {
    auto loaded = TRY(load(program));
    return execute(*loaded, core, variables, shuffle);
  }
  std::string error() {
    auto result = run();
    return result ? "" : result.error().message;
  }

  Program program;
  Core core;
};

inline isa::Pattern row(std::uint32_t start, std::uint16_t count, std::int16_t step = 1) {
  return {start, {step, 0, 0, 0}, {count, 1, 1, 1}};
}

/// Numbers that look random and are the same everywhere, between -1 and 1.
inline float noise(std::uint32_t i) {
  i = (i ^ i >> 16) * 0x45d9f3b;
  i = (i ^ i >> 16) * 0x45d9f3b;
  return static_cast<float>((i ^ i >> 16) & 0xffffff) / 0x800000 - 1;
}

}  // namespace neuron::sim

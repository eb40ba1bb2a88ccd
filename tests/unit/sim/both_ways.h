// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cmath>

#include "sim/plan.h"
#include "tests/unit/sim/random_program.h"

/// A random program by interpreter and by plan.
namespace neuron::sim::test {

inline bool same(float a, float b) {
  return std::bit_cast<std::uint32_t>(a) == std::bit_cast<std::uint32_t>(b) ||
         (std::isnan(a) && std::isnan(b));
}

/// Where three runs of a plan, one after the other (weights are packed otherwise in each), differ
/// from the interpreter; empty when nowhere.
inline Result<std::string> difference_of(const RandomProgram& random) {
  auto loaded = TRY(load(random.program));
  std::vector<ByteView> constants(RandomProgram::kVariables);
  constants[RandomProgram::Constant] = random.data[RandomProgram::Constant];
  auto plan = TRY(make_plan(*loaded, constants));
  auto expected = random.data, got = random.data;
  const auto spans = [](std::vector<Bytes>& data) {
    return std::vector<std::span<std::byte>>(data.begin(), data.end());
  };
  Core one(random.program.arch);
  TRY(execute(*loaded, one, spans(expected)));
  for (int run_index = 0; run_index < 3; ++run_index) {
    Core other(random.program.arch);
    got = random.data;
    TRY(run(*plan, other, spans(got)));
    for (std::size_t v = 0; v < got.size(); ++v)
      for (std::size_t i = 0; i + 4 <= got[v].size(); i += 4) {
        const float a = load_as_float(expected[v], i / 4, DType::Float32);
        const float b = load_as_float(got[v], i / 4, DType::Float32);
        if (!same(a, b))
          return fmt::format("run {}: {} byte {}: interpreter {}, plan {}", run_index,
                             random.program.variables[v].name, i, a, b);
      }
  }
  return std::string();
}
inline Result<std::string> difference_of(std::uint64_t seed) {
  return difference_of(RandomProgram(seed));
}

}  // namespace neuron::sim::test

// SPDX-License-Identifier: Apache-2.0
#include "sim/registers.h"

#include "base/bytes.h"
#include "sim/wide.h"

namespace neuron::sim {

std::uint32_t result_of(const bound::register_alu& in, const Registers& r) {
  const std::uint32_t a = r[in.src_register], b = in.immediate;
  return in.op == isa::Alu::Mult ? a * b : a + b;
}

std::uint32_t result_of(const bound::register_op& in, const Registers& r) {
  const std::uint32_t b = in.takes_immediate ? in.immediate : r[in.other_register];
  std::array<std::byte, 4> left{}, right{};
  neuron::store(std::span<std::byte>(left), 0, r[in.src_register]);
  neuron::store(std::span<std::byte>(right), 0, b);
  apply(static_cast<isa::Wide>(in.op), left, 0, DType::Int32, right, 0, DType::Int32);
  return neuron::load<std::uint32_t>(ByteView(left), 0);
}

bool is_taken(const bound::compare_branch& in, const Registers& r) {
  const auto a = static_cast<std::int32_t>(r[in.src_register]);
  const auto b =
      static_cast<std::int32_t>(in.takes_immediate ? in.immediate : r[in.other_register]);
  const bool holds[] = {true, a == b, a != b, a<b, a <= b, a> b, a >= b};
  return holds[in.condition];
}

}  // namespace neuron::sim

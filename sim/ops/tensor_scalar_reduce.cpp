// SPDX-License-Identifier: Apache-2.0
// Elementwise instructions that also fold what they write, before it is rounded, into one float32 a
// partition: anew, or onto what stands there.
#include <bit>

#include "sim/ops/prelude.h"

namespace neuron::sim {
namespace {

void reduce(Machine& m, const auto& in, isa::Alu op, unsigned p, std::span<const float> row) {
  if (in.reduce == 0) return;
  float folded = fold(op, row);
  if (in.reduce == 2) folded = apply(op, m.scalar(in.reduced, DType::Float32, p), folded);
  m.set_scalar(in.reduced, p, folded);
}

}  // namespace
}  // namespace neuron::sim

INSTRUCTION(tensor_scalar_reduce) {
  for (unsigned p = 0; p < in.dst.partitions; ++p) {
    const float operand = m.operand(in.operand0_is_address, in.operand0, p);
    const auto out = std::span(m.b).first(in.dst.count);
    apply(in.op0, m.read(in.src, p, m.a), operand, out);
    reduce(m, in, in.reduce_op, p, out);
    m.write(in.dst, p, out);
  }
}

INSTRUCTION(activate_reduce) {
  for (unsigned p = 0; p < in.dst.partitions; ++p) {
    const float scale = m.operand(in.scale_is_address, std::bit_cast<std::uint32_t>(in.scale), p);
    const float bias =
        in.bias_is_value ? std::bit_cast<float>(in.bias) : m.scalar(in.bias, in.bias_type, p);
    const auto out = std::span(m.b).first(in.dst.count);
    apply(in.function, m.read(in.src, p, m.a), scale, bias, out);
    reduce(m, in, in.reduce_op, p, out);
    m.write(in.dst, p, out);
  }
}

// Places from range_start on are kept where both comparisons with their bounds hold.
INSTRUCTION(range_select) {
  for (unsigned p = 0; p < in.dst.partitions; ++p) {
    const float bound0 = m.scalar(in.bound0, DType::Float32, p);
    const float bound1 = m.scalar(in.bound1, DType::Float32, p);
    const auto src = m.read(in.src, p, m.a);
    const auto out = std::span(m.b).first(in.dst.count);
    for (std::size_t i = 0; i < out.size(); ++i) {
      const float place = in.range_start + static_cast<float>(i);
      const bool keeps = apply(in.op0, place, bound0) != 0 && apply(in.op1, place, bound1) != 0;
      out[i] = keeps ? src[i] : in.on_false;
    }
    reduce(m, in, isa::Alu::Max, p, out);
    m.write(in.dst, p, out);
  }
}

INSTRUCTION(select_reduce) {
  std::vector<float> predicate(in.dst.count);
  for (unsigned p = 0; p < in.dst.partitions; ++p) {
    const float on_false = m.operand(in.on_false_is_address, in.on_false, p);
    const auto mask = m.read(in.predicate, p, predicate);
    const auto src = m.read(in.src, p, m.a);
    const auto out = std::span(m.b).first(in.dst.count);
    for (std::size_t i = 0; i < out.size(); ++i)
      out[i] = (mask[i] != 0) != (in.reversed != 0) ? src[i] : on_false;
    reduce(m, in, isa::Alu::Max, p, out);
    m.write(in.dst, p, out);
  }
}

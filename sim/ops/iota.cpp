// SPDX-License-Identifier: Apache-2.0
// Numbers made of places: offset + partition * multiplier + index * step, in 32 bits that wrap.
#include "sim/ops/prelude.h"
#include "sim/wide.h"

namespace neuron::sim {
namespace {

/// The value of each element in flat order; `steps` by dimension, innermost first.
template <std::size_t N, class Body>
void each_place(const View& v, std::uint32_t first, const std::uint32_t (&steps)[N], Body body) {
  std::array<std::uint32_t, N> index{};
  for (std::uint32_t i = 0; i < v.count; ++i) {
    std::uint32_t value = first;
    for (std::size_t d = 0; d < N; ++d) value += index[d] * steps[d];
    body(i, static_cast<std::int32_t>(value));
    for (std::size_t d = 0; d < N && ++index[d] == v.nums[d]; ++d) index[d] = 0;
  }
}

}  // namespace
}  // namespace neuron::sim

INSTRUCTION(iota) {
  Bytes row(std::size_t{in.dst.count} * in.dst.size);
  for (unsigned p = 0; p < in.dst.partitions; ++p) {
    each_place(in.dst, in.offset + p * in.multiplier, {in.step0, in.step1, in.step2, in.step3},
               [&](std::size_t i, std::int32_t value) {
                 if (is_whole(in.dst.type))
                   store_whole(row, i, in.dst.type, value);
                 else
                   store_number(row, i, in.dst.type, value);
               });
    m.write_raw(in.dst, p, row);
  }
}

INSTRUCTION(affine_select) {
  for (unsigned p = 0; p < in.dst.partitions; ++p) {
    const auto src = m.read(in.src, p, m.a);
    const auto out = std::span(m.b).first(in.dst.count);
    each_place(in.dst, in.offset + p * in.multiplier, {in.step0, in.step1},
               [&](std::size_t i, std::int32_t value) {
                 // Comparing with 0 needs no more than the sign.
                 const auto sign = static_cast<float>((value > 0) - (value < 0));
                 out[i] = apply(in.op, sign, 0.0f) != 0 ? src[i] : in.on_false;
               });
    m.write(in.dst, p, out);
  }
}

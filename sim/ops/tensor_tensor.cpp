// SPDX-License-Identifier: Apache-2.0
// dst[p][i] = lhs[p][i] op rhs[p][i], in float32, rounded on store. Sums of integers are exact in
// 32 bits and wrap.
#include <cstring>

#include "sim/ops/prelude.h"

namespace neuron::sim {
namespace {

bool is_word(const View& v) { return v.type == DType::Int32 || v.type == DType::UInt32; }

void add_words(Machine& m, const bound::tensor_tensor& in, unsigned p) {
  std::vector<std::uint32_t> sum(in.dst.count), other(in.dst.count);
  std::memcpy(sum.data(), m.read_raw(in.lhs, p).data(), sum.size() * 4);
  std::memcpy(other.data(), m.read_raw(in.rhs, p).data(), other.size() * 4);
  for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += other[i];
  m.write_raw(in.dst, p, std::as_bytes(std::span(sum)));
}

}  // namespace
}  // namespace neuron::sim

INSTRUCTION(tensor_tensor) {
  const bool exact =
      in.op == isa::Alu::AddInteger && is_word(in.lhs) && is_word(in.rhs) && is_word(in.dst);
  for (unsigned p = 0; p < in.dst.partitions; ++p) {
    if (exact) {
      add_words(m, in, p);
      continue;
    }
    const auto out = std::span(m.a).first(in.dst.count);
    apply(in.op, m.read(in.lhs, p, m.a), m.read(in.rhs, p, m.b), out);
    m.write(in.dst, p, out);
  }
}

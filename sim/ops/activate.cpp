// SPDX-License-Identifier: Apache-2.0
// dst = function(src * scale + bias). Bias is a value or one number a partition in memory; scale
// is a value or, since NeuronCore-v4, one float32 a partition. Functions are evaluated
// mathematically: the tables of the real engine are not public.
#include <bit>

#include "sim/ops/prelude.h"

INSTRUCTION(activate) {
  for (unsigned p = 0; p < in.dst.partitions; ++p) {
    const float scale = in.scale_is_address
                            ? m.scalar(std::bit_cast<std::uint32_t>(in.scale), DType::Float32, p)
                            : in.scale;
    const float bias =
        in.bias_is_value ? std::bit_cast<float>(in.bias) : m.scalar(in.bias, in.bias_type, p);
    const auto out = std::span(m.b).first(in.dst.count);
    apply(in.function, m.read(in.src, p, m.a), scale, bias, out);
    m.write(in.dst, p, out);
  }
}

// SPDX-License-Identifier: Apache-2.0
// Random numbers, a generator for each partition.
#include "sim/random.h"

#include "sim/ops/prelude.h"
#include "sim/wide.h"

INSTRUCTION(random) {
  Bytes row(std::size_t{in.dst.count} * in.dst.size);
  for (unsigned p = 0; p < in.dst.partitions; ++p) {
    Xorwow& generator = m.kept.generators[in.generator][p];
    for (std::size_t i = 0; i < in.dst.count; ++i)
      if (is_whole(in.dst.type))
        store_whole(row, i, in.dst.type, generator.next());
      else
        store_number(row, i, in.dst.type, generator.uniform());
    m.write_raw(in.dst, p, row);
  }
}

INSTRUCTION(rand_set_state) {
  for (unsigned p = 0; p < in.src.partitions; ++p) {
    const auto row = m.read_raw(in.src, p);
    Xorwow& generator = m.kept.generators[in.generator][p];
    if (in.src.count == 1)
      generator = Xorwow::seeded(neuron::load<std::uint32_t>(row, 0));
    else
      std::memcpy(generator.state.data(), row.data(), sizeof(generator.state));
  }
}

INSTRUCTION(rand_get_state) {
  for (unsigned p = 0; p < in.dst.partitions; ++p)
    m.write_raw(in.dst, p, std::as_bytes(std::span(m.kept.generators[in.generator][p].state)));
}

INSTRUCTION(dropout) {
  for (unsigned p = 0; p < in.dst.partitions; ++p) {
    const float rate = m.operand(in.rate_is_address, in.rate, p);
    Xorwow& generator = m.kept.generators[in.generator][p];
    const auto src = m.read(in.src, p, m.a);
    const auto out = std::span(m.b).first(in.dst.count);
    for (std::size_t i = 0; i < out.size(); ++i) {
      const bool hit = generator.uniform() < rate;
      out[i] = hit == (in.keeps != 0) ? src[i] : 0.0f;
    }
    m.write(in.dst, p, out);
  }
}

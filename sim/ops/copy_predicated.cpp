// SPDX-License-Identifier: Apache-2.0
// dst = src where the predicate is not zero (reversed: where it is zero); else dst stays.
#include <algorithm>

#include "base/numbers.h"
#include "sim/ops/prelude.h"

INSTRUCTION(copy_predicated) {
  std::vector<float> predicate(in.dst.count), row(in.dst.count);
  std::vector<std::byte> old, source;
  const bool casts = in.src.type != in.dst.type;
  for (unsigned p = 0; p < in.dst.partitions; ++p) {
    const auto mask = m.read(in.predicate, p, predicate);
    const auto before = m.read_raw(in.dst, p);
    old.assign(before.begin(), before.end());
    if (casts) {
      source.resize(old.size());
      from_floats(m.read(in.src, p, row), in.dst.type, source);
    } else {
      const auto raw = m.read_raw(in.src, p);
      source.assign(raw.begin(), raw.end());
    }
    for (std::size_t i = 0; i < mask.size(); ++i)
      if ((mask[i] != 0) != (in.reversed != 0))
        std::copy_n(source.begin() + static_cast<std::ptrdiff_t>(i * in.dst.size), in.dst.size,
                    old.begin() + static_cast<std::ptrdiff_t>(i * in.dst.size));
    m.write_raw(in.dst, p, old);
  }
}

INSTRUCTION(copy_predicated_scalar) {
  std::vector<float> predicate(in.dst.count);
  std::vector<std::byte> old;
  for (unsigned p = 0; p < in.dst.partitions; ++p) {
    const auto mask = m.read(in.predicate, p, predicate);
    const auto before = m.read_raw(in.dst, p);
    old.assign(before.begin(), before.end());
    const auto one = m.memory.subspan(in.src + std::size_t{p} * isa::kPartitionStride, in.dst.size);
    for (std::size_t i = 0; i < mask.size(); ++i)
      if (mask[i] == 0)
        std::copy(one.begin(), one.end(),
                  old.begin() + static_cast<std::ptrdiff_t>(i * in.dst.size));
    m.write_raw(in.dst, p, old);
  }
}

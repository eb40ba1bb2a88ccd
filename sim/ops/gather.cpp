// SPDX-License-Identifier: Apache-2.0
// dst[p][i] = src[p][index[p][i]] where src has such an element.
#include <algorithm>

#include "sim/ops/prelude.h"
#include "sim/wide.h"

INSTRUCTION(gather) {
  Bytes src, index, dst;
  const auto copy = [](Bytes& to, ByteView from) { to.assign(from.begin(), from.end()); };
  for (unsigned p = 0; p < in.dst.partitions; ++p) {
    copy(src, m.read_raw(in.src, p));
    copy(index, m.read_raw(in.index, p));
    copy(dst, m.read_raw(in.dst, p));
    for (std::size_t i = 0; i < in.dst.count; ++i) {
      const std::int64_t at = whole_at(index, i, in.index.type);
      if (at < 0 || at >= std::int64_t{in.src.count}) continue;
      std::copy_n(src.begin() + at * in.src.size, in.src.size,
                  dst.begin() + static_cast<std::ptrdiff_t>(i * in.src.size));
    }
    m.write_raw(in.dst, p, dst);
  }
}

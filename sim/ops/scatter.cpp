// SPDX-License-Identifier: Apache-2.0
// dst[p][index[p][i]] = dst[p][index[p][i]] op src[p][i], one after the other.
#include "sim/ops/prelude.h"
#include "sim/wide.h"

INSTRUCTION(scatter) {
  Bytes src, index, dst;
  const auto copy = [](Bytes& to, ByteView from) { to.assign(from.begin(), from.end()); };
  for (unsigned p = 0; p < in.dst.partitions; ++p) {
    copy(src, m.read_raw(in.src, p));
    copy(index, m.read_raw(in.index, p));
    copy(dst, m.read_raw(in.dst, p));
    for (std::size_t i = 0; i < in.src.count; ++i) {
      const std::int64_t at = whole_at(index, i, in.index.type);
      if (at >= 0 && at < std::int64_t{in.dst.count})
        apply(static_cast<isa::Wide>(in.op), dst, static_cast<std::size_t>(at), in.dst.type, src, i,
              in.src.type);
    }
    m.write_raw(in.dst, p, dst);
  }
}

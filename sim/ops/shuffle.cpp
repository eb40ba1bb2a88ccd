// SPDX-License-Identifier: Apache-2.0
// Rows change places inside 32 partitions. The mask names a source for each: its low five bits;
// what bit 5 (0x20, seen in one package where all partitions must get row 0) means is not known.
// 255 leaves a partition as it is, as published.
#include <cstring>

#include "sim/ops/prelude.h"

INSTRUCTION(shuffle_mask) {
  const std::uint32_t words[] = {in.mask0, in.mask1, in.mask2, in.mask3,
                                 in.mask4, in.mask5, in.mask6, in.mask7};
  std::memcpy(m.kept.shuffle.data(), words, sizeof(words));
}

INSTRUCTION(stream_shuffle) {
  std::vector<std::vector<std::byte>> rows(in.src.partitions);
  for (unsigned p = 0; p < in.src.partitions; ++p) {
    const auto row = m.read_raw(in.src, p);
    rows[p].assign(row.begin(), row.end());
  }
  for (unsigned p = 0; p < in.dst.partitions; ++p) {
    const std::uint8_t mask = m.kept.shuffle[p % 32];
    const unsigned source = p / 32 * 32 + (mask & 31);
    if (mask != 255 && source < rows.size()) m.write_raw(in.dst, p, rows[source]);
  }
}

INSTRUCTION(stream_transpose) {
  const std::size_t size = in.dst.size;
  std::vector<std::byte> block(std::size_t{32} * 32 * size);
  for (unsigned p = 0; p < 32; ++p) {
    const auto row = m.read_raw(in.src, p);
    for (unsigned i = 0; i < 32; ++i)
      std::memcpy(block.data() + (std::size_t{i} * 32 + p) * size, row.data() + i * size, size);
  }
  for (unsigned p = 0; p < in.dst.partitions; ++p)
    m.write_raw(in.dst, p, std::span(block).subspan(p * 32 * size, in.dst.count * size));
}

// SPDX-License-Identifier: Apache-2.0
// dst = value: a float32 that is rounded for floating types, the low bits for integers.
#include <algorithm>
#include <bit>
#include <cstring>

#include "base/numbers.h"
#include "sim/ops/prelude.h"

INSTRUCTION(memset) {
  std::array<std::byte, 8> element{};
  if (is_floating(in.dst.type))
    store_float(element, 0, in.dst.type, std::bit_cast<float>(in.value));
  else
    std::memcpy(element.data(), &in.value, sizeof(in.value));
  std::vector<std::byte> row(std::size_t{in.dst.count} * in.dst.size);
  for (std::size_t at = 0; at < row.size(); at += in.dst.size)
    std::memcpy(row.data() + at, element.data(), in.dst.size);
  for (unsigned p = 0; p < in.dst.partitions; ++p) m.write_raw(in.dst, p, row);
}

// SPDX-License-Identifier: Apache-2.0
// dst[p] = the places of the elements of src[p] in order, as many as dst has; NaN is the largest.
#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "sim/ops/prelude.h"
#include "sim/wide.h"

namespace {

template <class T>
bool before(T a, T b) {
  if constexpr (std::is_same_v<T, double>)
    if (std::isnan(a) || std::isnan(b)) return !std::isnan(a) && std::isnan(b);
  return a < b;
}

template <class T>
void order(const std::vector<T>& values, bool descending, std::vector<std::size_t>& places) {
  std::iota(places.begin(), places.end(), std::size_t{0});
  std::stable_sort(places.begin(), places.end(), [&](std::size_t a, std::size_t b) {
    return descending ? before(values[b], values[a]) : before(values[a], values[b]);
  });
}

}  // namespace

INSTRUCTION(sort) {
  std::vector<std::size_t> places(in.src.count);
  Bytes out(std::size_t{in.dst.count} * in.dst.size);
  for (unsigned p = 0; p < in.dst.partitions; ++p) {
    const auto row = m.read_raw(in.src, p);
    std::vector<double> numbers(places.size());
    std::vector<std::int64_t> wholes(places.size());
    for (std::size_t i = 0; i < places.size(); ++i) {
      wholes[i] = whole_at(row, i, in.src.type);
      if (in.src.type == DType::UInt64) wholes[i] ^= std::numeric_limits<std::int64_t>::min();
      numbers[i] = number_at(row, i, in.src.type);
    }
    if (is_whole(in.src.type))
      order(wholes, in.descending != 0, places);
    else
      order(numbers, in.descending != 0, places);
    for (std::size_t i = 0; i < in.dst.count; ++i)
      store_whole(out, i, in.dst.type, static_cast<std::int64_t>(places[i]));
    m.write_raw(in.dst, p, out);
  }
}

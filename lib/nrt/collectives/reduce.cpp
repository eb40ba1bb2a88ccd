// SPDX-License-Identifier: Apache-2.0
#include "nrt/collectives/reduce.h"

#include <algorithm>
#include <cstring>
#include <type_traits>
#include <vector>

#include "base/numbers.h"

namespace neuron::nrt::cc {
namespace {

constexpr std::size_t kBlock = 2048;  ///< elements whose sums stay in the first cache

template <class T>
T add(T a, T b) {
  if constexpr (std::is_integral_v<T>)
    return static_cast<T>(static_cast<std::make_unsigned_t<T>>(a) +
                          static_cast<std::make_unsigned_t<T>>(b));
  else
    return a + b;
}

/// A value of bytes that begin anywhere.
template <class T>
T load(const std::byte* from, std::size_t i) {
  T value;
  std::memcpy(&value, from + i * sizeof(T), sizeof(T));
  return value;
}

/// What `combine` makes of the first two contributions, then of that and each further one.
template <class T, class Combine>
void fold(std::span<const ByteView> from, std::span<std::byte> out, Combine combine) {
  T sums[kBlock];
  const std::size_t total = out.size() / sizeof(T);
  for (std::size_t at = 0; at < total; at += kBlock) {
    const std::size_t count = std::min(kBlock, total - at), begin = at * sizeof(T);
    const std::byte *const first = from[0].data() + begin, *const second = from[1].data() + begin;
    for (std::size_t i = 0; i < count; ++i)
      sums[i] = combine(load<T>(first, i), load<T>(second, i));
    for (std::size_t k = 2; k < from.size(); ++k) {
      const std::byte* const more = from[k].data() + begin;
      for (std::size_t i = 0; i < count; ++i) sums[i] = combine(sums[i], load<T>(more, i));
    }
    std::memcpy(out.data() + begin, sums, count * sizeof(T));
  }
}

template <class T>
void reduce_as(std::span<const ByteView> from, Reduction how, std::span<std::byte> out) {
  if (how == Reduction::Add) return fold<T>(from, out, [](T a, T b) { return add(a, b); });
  if (how == Reduction::Max) return fold<T>(from, out, [](T a, T b) { return std::max(a, b); });
  fold<T>(from, out, [](T a, T b) { return std::min(a, b); });
}

/// Blocks of all contributions become float32, are reduced, and are rounded.
void reduce_narrow(std::span<const ByteView> from, DType type, Reduction how,
                   std::span<std::byte> out) {
  const std::size_t element = size_of(type), total = out.size() / element;
  std::vector<float> wide(from.size() * kBlock);
  std::vector<ByteView> rows(from.size());
  for (std::size_t at = 0; at < total; at += kBlock) {
    const std::size_t count = std::min(kBlock, total - at);
    for (std::size_t k = 0; k < from.size(); ++k) {
      const std::span row(wide.data() + k * kBlock, count);
      to_floats(from[k].subspan(at * element, count * element), type, row);
      rows[k] = std::as_bytes(row);
    }
    const std::span sums(wide.data(), count);
    reduce_as<float>(rows, how, std::as_writable_bytes(sums));
    from_floats(sums, type, out.subspan(at * element, count * element));
  }
}

}  // namespace

Result<> check_reducible(DType type) {
  if (type != DType::Unknown && type != DType::Bool && size_of(type) != 0) return {};
  return fail(Code::BadUsage, "elements of type {} cannot be reduced", name_of(type));
}

void reduce(std::span<const ByteView> from, DType type, Reduction how, std::span<std::byte> out) {
  if (from.size() == 1 && out.data() != from[0].data())
    std::memcpy(out.data(), from[0].data(), out.size());
  if (from.size() == 1 || out.empty()) return;
  switch (type) {
    case DType::Int8:
      return reduce_as<std::int8_t>(from, how, out);
    case DType::UInt8:
      return reduce_as<std::uint8_t>(from, how, out);
    case DType::Int16:
      return reduce_as<std::int16_t>(from, how, out);
    case DType::UInt16:
      return reduce_as<std::uint16_t>(from, how, out);
    case DType::Int32:
      return reduce_as<std::int32_t>(from, how, out);
    case DType::UInt32:
      return reduce_as<std::uint32_t>(from, how, out);
    case DType::Int64:
      return reduce_as<std::int64_t>(from, how, out);
    case DType::UInt64:
      return reduce_as<std::uint64_t>(from, how, out);
    case DType::Float32:
    case DType::Float32r:
      return reduce_as<float>(from, how, out);
    case DType::Float64:
      return reduce_as<double>(from, how, out);
    default:
      return reduce_narrow(from, type, how, out);
  }
}

}  // namespace neuron::nrt::cc

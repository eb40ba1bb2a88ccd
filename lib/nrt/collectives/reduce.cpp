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

template <class T>
void into(T* sums, const T* more, std::size_t count, Reduction how) {
  if (how == Reduction::Add)
    for (std::size_t i = 0; i < count; ++i) sums[i] = add(sums[i], more[i]);
  else if (how == Reduction::Max)
    for (std::size_t i = 0; i < count; ++i) sums[i] = std::max(sums[i], more[i]);
  else
    for (std::size_t i = 0; i < count; ++i) sums[i] = std::min(sums[i], more[i]);
}

/// `fetch` and `store` move a block between bytes and the type that is computed in.
template <class T, class Fetch, class Store>
void reduce_blocks(std::span<const ByteView> from, std::size_t element, Reduction how,
                   std::span<std::byte> out, Fetch fetch, Store store) {
  T sums[kBlock], more[kBlock];
  const std::size_t total = out.size() / element;
  for (std::size_t at = 0; at < total; at += kBlock) {
    const std::size_t count = std::min(kBlock, total - at);
    const auto part = [&](ByteView bytes) { return bytes.subspan(at * element, count * element); };
    fetch(part(from[0]), sums);
    for (std::size_t i = 1; i < from.size(); ++i) {
      fetch(part(from[i]), more);
      into(sums, more, count, how);
    }
    store(sums, out.subspan(at * element, count * element));
  }
}

template <class T>
void reduce_as(std::span<const ByteView> from, Reduction how, std::span<std::byte> out) {
  reduce_blocks<T>(
      from, sizeof(T), how, out,
      [](ByteView bytes, T* to) { std::memcpy(to, bytes.data(), bytes.size()); },
      [](const T* values, std::span<std::byte> to) { std::memcpy(to.data(), values, to.size()); });
}

void reduce_narrow(std::span<const ByteView> from, DType type, Reduction how,
                   std::span<std::byte> out) {
  const std::size_t element = size_of(type);
  reduce_blocks<float>(
      from, element, how, out,
      [=](ByteView bytes, float* to) {
        to_floats(bytes, type, {to, bytes.size() / element});
      },
      [=](const float* values, std::span<std::byte> to) {
        from_floats({values, to.size() / element}, type, to);
      });
}

}  // namespace

Result<> check_reducible(DType type) {
  if (type != DType::Unknown && type != DType::Bool && size_of(type) != 0) return {};
  return fail(Code::BadUsage, "elements of type {} cannot be reduced", name_of(type));
}

void reduce(std::span<const ByteView> from, DType type, Reduction how, std::span<std::byte> out) {
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

// SPDX-License-Identifier: Apache-2.0
#include "base/dtype.h"

#include "base/stored.h"

namespace neuron {
namespace {
constexpr DTypeInfo kUnknown{DType::Unknown, 0, "unknown", "", "unknown"};
constexpr DTypeInfo kTypes[] = {
#define NEURON_DTYPE(name, code, size, text, npy, shown) {DType::name, size, text, npy, shown},
#include "base/dtypes.def"
#undef NEURON_DTYPE
#define NEURON_STORED(name, code, bits, kind, text, npy) {stored::name, 1, text, npy, text},
#include "base/stored.def"
#undef NEURON_STORED
};
// Rows stand in code order without gaps, so that a code is an index.
constexpr bool codes_are_dense() {
  for (std::size_t i = 0; i < std::size(kTypes); ++i)
    if (static_cast<std::size_t>(kTypes[i].type) != i + 1) return false;
  return true;
}
static_assert(codes_are_dense());
}  // namespace

const DTypeInfo& info(DType type) {
  const auto code = static_cast<std::size_t>(type);
  return code >= 1 && code <= std::size(kTypes) ? kTypes[code - 1] : kUnknown;
}

std::optional<DType> dtype_named(std::string_view name) {
  for (const DTypeInfo& row : kTypes)
    if (name == row.name) return row.type;
  return std::nullopt;
}

std::optional<DType> dtype_of_code(unsigned code) {
  if (code < 1 || code > std::size(kTypes)) return std::nullopt;
  return kTypes[code - 1].type;
}

}  // namespace neuron

// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace neuron {

/// Types of tensor elements; the value is the code that instructions carry (below 16).
enum class DType : std::uint8_t {
  Unknown = 0,
#define NEURON_DTYPE(name, code, size, text, npy, shown) name = code,
#include "base/dtypes.def"
#undef NEURON_DTYPE
};

struct DTypeInfo {
  DType type;
  std::size_t size;   ///< bytes of one element
  const char* name;   ///< as in neff.json: "float32"
  const char* npy;    ///< the descr of an .npy header
  const char* shown;  ///< as the official profiler prints operands: "fp32"
};

/// The row of dtypes.def; a row with size 0 and name "unknown" for codes that no row has.
const DTypeInfo& info(DType type);
inline std::size_t size_of(DType type) { return info(type).size; }
inline const char* name_of(DType type) { return info(type).name; }
std::optional<DType> dtype_named(std::string_view name);
std::optional<DType> dtype_of_code(unsigned code);

}  // namespace neuron

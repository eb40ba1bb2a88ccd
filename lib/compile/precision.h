// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <span>

#include "base/dtype.h"
#include "compile/kernel.h"

/// What float32 models are computed in. Sums are float32 in every case, and so are the inputs and
/// outputs of the package.
namespace neuron::compile {

enum class AutoCast { None, Matmult, All };
enum class CastType { Bf16, Fp16, Tf32, Fp8E4m3 };

struct Precision {
  DType operands = DType::Float32;  ///< what both operands of a product are rounded to
  bool single = false;              ///< one pass over the upper halves of float32
  bool keeps = false;               ///< results that stay on chip are rounded, too

  bool narrows() const { return operands != DType::Float32; }
  /// Passes over the array that give a product.
  std::span<const Pass> passes() const {
    static constexpr Pass kExact[] = {Pass::Low, Pass::High}, kSingle[] = {Pass::Single},
                          kNarrow[] = {Pass::Exact};
    return narrows() ? std::span<const Pass>(kNarrow)
           : single  ? std::span<const Pass>(kSingle)
                     : std::span<const Pass>(kExact);
  }
};

inline Precision precision_of(AutoCast cast, CastType type) {
  if (cast == AutoCast::None) return {};
  constexpr DType kOperands[] = {DType::BFloat16, DType::Float16, DType::Float32, DType::Fp8E4};
  const DType operands = kOperands[static_cast<int>(type)];
  return {operands, type == CastType::Tf32, cast == AutoCast::All && operands != DType::Float32};
}

}  // namespace neuron::compile

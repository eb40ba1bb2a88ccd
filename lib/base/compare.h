// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "base/result.h"
#include "base/tensor.h"

/// Answers whether a tensor is near another, element by element.
namespace neuron {

struct Tolerance {
  double relative = 1e-3, absolute = 1e-5;  ///< |a - b| <= absolute + relative * |b|
};
struct Difference {
  std::size_t elements = 0, outside = 0;  ///< of all elements, outside of the tolerance
  std::size_t worst = 0;                  ///< index of the largest difference
  double value = 0, expected = 0;         ///< there
};
/// Mismatch when types or counts differ. NaN equals NaN.
Result<Difference> compare(const Tensor& value, const Tensor& expected, Tolerance tolerance);

}  // namespace neuron

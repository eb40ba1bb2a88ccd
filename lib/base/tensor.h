// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/dtype.h"

namespace neuron {

using Shape = std::vector<std::int64_t>;

/// Elements of a shape; 1 for a scalar. The caller has checked that no dimension is negative.
std::int64_t count_of(const Shape& shape);
/// "[128,256]".
std::string text_of(const Shape& shape);

/// A row-major tensor that owns its bytes.
struct Tensor {
  DType type = DType::Float32;
  Shape shape;
  Bytes bytes;
};

}  // namespace neuron

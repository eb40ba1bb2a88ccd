// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <vector>

#include "base/tensor.h"

/// Elements of constants as numbers: exact integers, or doubles for every other type.
namespace neuron::compile {

bool is_integer(DType type);  ///< Bool counts as one
bool is_floating(DType type);
/// Element `index`; floats are truncated, what does not fit saturates.
std::int64_t integer_at(const Tensor& tensor, std::size_t index);
double number_at(const Tensor& tensor, std::size_t index);
/// Rounds to the tensor's type; integers wrap as C's conversions do.
void store_integer(Tensor& tensor, std::size_t index, std::int64_t value);
void store_number(Tensor& tensor, std::size_t index, double value);

std::vector<std::int64_t> integers_of(const Tensor& tensor);
/// A tensor of zeros.
Tensor make_tensor(DType type, Shape shape);
/// One-dimensional int64.
Tensor tensor_of(const std::vector<std::int64_t>& values);
Tensor scalar_of(DType type, double value);

}  // namespace neuron::compile

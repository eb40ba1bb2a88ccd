// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>

#include "sim/machine.h"

/// The product at the heart of MATMUL. The same bits on every host: products are added in the
/// order of k, and never fused.
namespace neuron::sim {

struct Product {
  const Stationary* weights;
  unsigned first_row, first_column;  ///< of the array; the column is a multiple of 8
  unsigned rows, columns, count;     ///< K, M and N
  const float* moving;               ///< packed by pack()
  float* out;                        ///< out[m * out_step + n]
  std::size_t out_step;
  bool accumulate;
};

/// Floats that `pack` needs for rows of `count` elements.
std::size_t packed_size(unsigned rows, unsigned count);
/// Puts row `k` of `rows` into panels of kPanel columns, the last one padded with zeros.
void pack(std::span<const float> row, unsigned k, unsigned rows, float* packed);
inline constexpr unsigned kPanel = 32;

/// out[m][n] (+)= sum over k of weights[k][m] * moving[k][n].
void multiply(const Product& product);

}  // namespace neuron::sim

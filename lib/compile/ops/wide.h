// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "compile/ops/tiles.h"

/// Whole numbers and doubles, which the engines' float32 cannot hold: the GpSimd engine computes
/// them in 64 bits.
namespace neuron::compile {

/// Whether values of `type` are computed in 64 bits: integers and float64.
bool is_wide(DType type);
/// Whether the inputs or the result of a node are.
bool is_wide(const Lowering& in, const Node& node);
/// UnsupportedOperator when an input or the result is of a type that no engine holds.
Result<> check_types(const Lowering& in, const Node& node);

Result<> lower_wide_binary(Lowering& in, const Node& node);
Result<> lower_wide_unary(Lowering& in, const Node& node);
/// Where on the bits themselves, of any type.
Result<> lower_wide_where(Lowering& in, const Node& node);
Result<> lower_wide_reduce(Lowering& in, const Node& node, const std::vector<std::int64_t>& axes);

/// All bits of a tile's elements are 0.
void clear(Kernel& k, const View& v);
/// A tile like `v`, of another type.
Result<View> tile_like(Lowering& in, const View& v, DType type, Tile& hold);

}  // namespace neuron::compile

// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "base/bytes.h"
#include "base/dtype.h"
#include "base/result.h"

/// Sums and extremes of the values of several ranks, taken in the order of ranks, so that every
/// rank and every run gets the same bits.
namespace neuron::nrt::cc {

enum class Reduction { Add, Max, Min };

/// Which types can be reduced: all but bool and unknown ones.
Result<> check_reducible(DType type);

/// One value of several contributions of the same size, in `out`, which may be one of them. Whole
/// numbers wrap; floats narrower than float32 are summed in float32 and rounded once.
void reduce(std::span<const ByteView> contributions, DType type, Reduction how,
            std::span<std::byte> out);

}  // namespace neuron::nrt::cc

// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "compile/ops/spatial.h"

/// Convolution as the tensor engine does it, for all operators that are one.
namespace neuron::compile {

inline constexpr std::int64_t kBankColumns = isa::kPsumBankBytes / kWord;
inline constexpr std::size_t kBanksAtOnce = 4;  ///< of 8: four fill while four are emptied

struct ConvolutionPlan {
  Window window;  ///< channels are those of the source
  std::int64_t outputs = 1, group = 1;
  std::vector<float> values;           ///< [outputs, channels / group, taps]
  std::int64_t band = 1;               ///< output rows at a time when the image is not on chip
  std::optional<Place> computed = {};  ///< the values in HBM instead, of one group
};
/// As many output rows as fill the banks, or as have room for their input, in `bytes`, where a row
/// of input takes `row_bytes`. A stacked source has one row for each output row.
std::int64_t band_rows(const Window& w, std::int64_t bytes, std::int64_t row_bytes, bool stacked);

/// Appends the steps; bias and activation are those of `node`. The caller opens and closes `sink`.
Result<> convolve(Lowering& in, const Node& node, ConvolutionPlan plan, ImageSource source,
                  ImageSink& sink);

}  // namespace neuron::compile

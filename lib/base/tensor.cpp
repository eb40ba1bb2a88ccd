// SPDX-License-Identifier: Apache-2.0
#include "base/tensor.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace neuron {

std::int64_t count_of(const Shape& shape) {
  std::int64_t count = 1;
  for (std::int64_t dim : shape) count *= dim;
  return count;
}

std::string text_of(const Shape& shape) { return fmt::format("[{}]", fmt::join(shape, ",")); }

}  // namespace neuron

// SPDX-License-Identifier: Apache-2.0
// Access patterns from dimensions.
#include <limits>
#include <utility>

#include "compile/kernel.h"

namespace neuron::compile {

View axes(std::uint32_t address, int partitions, const std::vector<Dim>& dims) {
  View view;
  view.at.start = address;
  view.partitions = partitions;
  for (std::size_t d = 0; d < dims.size(); ++d) {
    const std::int64_t step = dims[d].count == 1 ? 1 : dims[d].step;
    const bool fits = d < 4 && std::in_range<std::int16_t>(step) &&
                      std::in_range<std::uint16_t>(dims[d].count) && dims[d].count > 0;
    if (!fits) {
      view.partitions = 0;  // no instruction can hold it: Kernel::problem tells
      break;
    }
    view.at.steps[d] = static_cast<std::int16_t>(step);
    view.at.nums[d] = static_cast<std::uint16_t>(dims[d].count);
  }
  return view;
}

View grid(std::uint32_t address, int partitions, const std::vector<Dim>& dims) {
  constexpr std::int64_t kLongest = std::numeric_limits<std::uint16_t>::max();
  std::vector<Dim> kept;
  for (const Dim& d : dims) {
    if (d.count == 1) continue;
    const bool continues = !kept.empty() && kept.back().step * kept.back().count == d.step &&
                           kept.back().count * d.count <= kLongest;
    if (continues)
      kept.back().count *= d.count;
    else
      kept.push_back(d);
  }
  return axes(address, partitions, kept);
}

}  // namespace neuron::compile

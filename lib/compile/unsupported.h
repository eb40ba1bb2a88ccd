// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace neuron::compile {

/// The failure for an operator that no table row can compile: names it, and the nearest supported
/// form. `domain` is empty for the standard's own operators. The caller adds the node.
Error unsupported(const std::string& domain, const std::string& op);

/// What to do about an operator that a format has and no row of ours translates.
struct Advice {
  std::string_view op;
  const char* form;
};
/// The same for operators of other formats: by their advice, else by the nearest of `names`.
Error unsupported(const std::string& op, std::span<const Advice> advice,
                  const std::vector<std::string>& names);

}  // namespace neuron::compile

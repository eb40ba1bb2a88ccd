// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "base/json.h"
#include "neff/model.h"

/// `packager info`: the header and node tables of the packager guide, to the byte.
namespace neuron::neff {

struct InfoOptions {
  bool weights = false, spills = false;
};
Result<std::string> info_text(const Package& package, const InfoOptions& options);
/// The same as JSON; its schema stands in neuron-neff(5).
Result<Json> info_json(const Package& package, const InfoOptions& options);
/// "virtual-core, 0x1000", or "N/A" when no bit is set.
std::string feature_names(std::uint64_t bits);
/// The bit of a name of features.def.
std::optional<std::uint64_t> feature_named(std::string_view name);

}  // namespace neuron::neff

// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "base/json.h"
#include "neff/features.h"

/// `packager info`: the header and node tables of the packager guide, to the byte.
namespace neuron::neff {

struct InfoOptions {
  bool weights = false, spills = false;
};
Result<std::string> info_text(const Package& package, const InfoOptions& options);
/// The same as JSON; its schema stands in neuron-neff(5).
Result<Json> info_json(const Package& package, const InfoOptions& options);

}  // namespace neuron::neff

// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "base/json.h"
#include "neff/features.h"
#include "neff/instructions.h"

/// `packager info`: the header and node tables of the packager guide, to the byte.
namespace neuron::neff {

struct InfoOptions {
  bool weights = false, spills = false;
  bool memory = false;         ///< a third table in the text; the JSON always has it
  InstructionReader reader{};  ///< names opcodes in the JSON; without it they are numbers
};
Result<std::string> info_text(const Package& package, const InfoOptions& options);
/// All that is known of the package, as JSON of the form of schemas/info.json.
Result<Json> info_json(const Package& package, const InfoOptions& options);

}  // namespace neuron::neff

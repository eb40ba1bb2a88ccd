// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "neff/instructions.h"

namespace neuron::cmd {

/// What lib/isa tells lib/neff of an instruction, for the generations that it decodes.
std::optional<neff::InstructionFacts> read_instruction(std::string_view target,
                                                       std::string_view engine, ByteView word);

}  // namespace neuron::cmd

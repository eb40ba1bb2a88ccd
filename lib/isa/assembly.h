// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <string_view>

#include "isa/isa.h"

/// Instructions as text that assembles to the same bytes: mnemonic, waits and updates, each field
/// of its row in isa.def by name, and in braces the bytes that no field covers:
///   COPY wait=5:4>=1 update=0x13:4 src=0x2000000[1,1,1,1][8,1,1,1] ... {14:01}
namespace neuron::isa {

/// One line; bytes that are no known instruction become ".bytes" and 128 digits.
std::string assembly_of(ByteView word);
/// The fields alone, without waits and updates.
std::string fields_of(const Instruction& instruction);
/// What assembly_of() printed. Text after ';' is a comment.
Result<Word> assemble_one(std::string_view line);

}  // namespace neuron::isa

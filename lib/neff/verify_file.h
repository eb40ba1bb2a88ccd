// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "neff/verify.h"

namespace neuron::neff {

/// verify() of a file, which is mapped: memory does not grow with its size.
Result<Verdict> verify_file(const fs::path& neff, const InstructionReader& reader = {});

}  // namespace neuron::neff

// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "cmd/command.h"
#include "nrt/workbench.h"

namespace neuron::cmd {

/// Runs a program and writes what its instructions leave in SBUF and PSUM: an array for each
/// instruction, told in index.json, and one for each tensor that debug data names, put together
/// from the tiles that its instructions wrote, told in tensors/index.json.
Result<> dump(const nrt::Workbench& in, const fs::path& directory, Terminal& io);

}  // namespace neuron::cmd

// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "cmd/compile_flags.h"

namespace neuron::cmd {

/// --list-operators: names, one a line, or a JSON array.
Result<> list_operators(const CompileFlags& flags, Terminal& io);
/// --show-cache, --clear-cache and --trim-cache.
Result<> tend_cache(const CompileFlags& flags, Terminal& io);

}  // namespace neuron::cmd

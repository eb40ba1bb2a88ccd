// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "cmd/command.h"
#include "neff/neff.h"

namespace neuron::cmd {

/// --max-members, --max-size, --max-ratio: how far an archive is trusted.
void add_limits(CLI::App& app, neff::Limits& limits);

/// Seconds since 1970 that SOURCE_DATE_EPOCH gives to what is made; 0 without it.
Result<std::int64_t> source_date();

}  // namespace neuron::cmd

// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <functional>

#include "base/file.h"
#include "cmd/command.h"

/// A command whose ranks are processes of this host.
namespace neuron::cmd {

/// Runs `work` for each rank in a process of its own, all at once, each on its own NeuronCores, and
/// passes on what they print, in order of ranks. Fails with the first rank that failed by itself.
Result<> for_each_rank(int first, int count, Terminal& io,
                       const std::function<Result<>(int rank, Terminal& io)>& work);

/// Sets NEURON_RT_ROOT_COMM_ID, where ranks meet, to a free port of this host unless it is set.
Result<> choose_meeting_place();

/// "out/model.neff" -> "out/model.rank2.neff", as `compile` writes for ranks.
fs::path named_for_rank(const fs::path& neff, std::uint32_t rank);
/// That file where it exists; else the package itself, which is every rank's.
fs::path package_of_rank(const fs::path& neff, int rank);

}  // namespace neuron::cmd

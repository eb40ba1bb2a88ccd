// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <filesystem>

/// What must not survive when the program is stopped half-way: files and directories being made.
namespace neuron {

/// Remembers something half-made; what has no room in the fixed table is left to its owner.
void remember_unfinished(const std::filesystem::path& path);
void forget_unfinished(const std::filesystem::path& path);

/// Removes all that is remembered, directories with everything in them; called by the handler of
/// SIGINT and SIGTERM before the process ends. Async-signal-safe.
void remove_unfinished();

}  // namespace neuron

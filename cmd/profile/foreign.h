// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <memory>

#include "cmd/command.h"

/// Options of the official profilers that do nothing of their own here: rows of foreign.def.
namespace neuron::cmd {

enum class ProfileCommand { Capture, View };

/// Those that were given.
class ForeignOptions {
 public:
  /// Adds the rows of a command, hidden from its help.
  static std::shared_ptr<ForeignOptions> add(CLI::App& app, ProfileCommand command);
  /// Says why an accepted one changes nothing; fails at one that is refused.
  Result<> answer(Terminal& io) const;

 private:
  std::vector<std::size_t> given_;  ///< rows of the table
};

}  // namespace neuron::cmd

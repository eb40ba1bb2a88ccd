// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <chrono>
#include <string>
#include <string_view>

#include "base/file.h"
#include "cmd/command.h"

namespace neuron::cmd {

/// Levels of --verbose, quietest last. Both spellings of the known compilers are words of it.
enum class Loudness { Debug, Info, Warning, Error, Critical };
/// By the word in any case; BadUsage with the near one.
Result<Loudness> loudness_of(const std::string& word);

/// What a compiler says of its work, as neuron-cc does: debug and info on standard output, warnings
/// on standard error, everything from info on with times in the file of --logfile.
class CompileLog {
 public:
  CompileLog(Terminal& io, Loudness least) : io_(io), least_(least) {}
  void say(Loudness level, std::string_view text);
  /// Writes the log; nothing for an empty path.
  Result<> save(const fs::path& path) const;

 private:
  Terminal& io_;
  Loudness least_;
  std::string kept_;
};

}  // namespace neuron::cmd

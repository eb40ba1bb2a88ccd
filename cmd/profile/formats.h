// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "cmd/command.h"
#include "view/formats/sink.h"
#include "view/sessions.h"

/// The files that `profile view --output-format` writes.
namespace neuron::cmd {

/// What --output-format may be and where it goes by default.
struct Format {
  const char* word;
  const char* file;       ///< "" is standard output
  const char* extension;  ///< of the files of -d
  /// Null for csv, which is a directory of tables.
  Result<> (*write)(const view::Timeline&, const view::Sink&);
};
/// Null for "" and "db", which keep the profile.
Result<const Format*> format_named(const std::string& word, bool with_flows);

/// Writes one timeline to `path` (a directory for csv); "" or "-" is standard output.
Result<> write_format(const Format& format, const view::Timeline& timeline, const fs::path& path,
                      Terminal& io);

}  // namespace neuron::cmd

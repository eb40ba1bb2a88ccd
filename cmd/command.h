// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <CLI/CLI.hpp>
#include <functional>
#include <memory>
#include <ostream>

#include "base/progress.h"
#include "base/result.h"

/// A command is a row in commands.def and a file: options, body, row. It parses, calls one library
/// function and prints; logic worth a unit test stands in a library.
namespace neuron::cmd {

/// The two streams that a command may speak to: data to `out`, talk to `err`.
struct Terminal {
  std::ostream& out;
  std::ostream& err;
  bool color = false;     ///< `out` is a terminal that wants colour
  bool progress = false;  ///< `err` is a terminal
  int status = 0;         ///< exit status of a command that did its work: 1 when `diff` found some
};

using Run = std::function<Result<>(Terminal&)>;

struct Command {
  const char* path;            ///< words after the program's name: "packager unpack"
  const char* summary;         ///< one line, no full stop
  const char* details;         ///< paragraphs of the manual page; may be empty
  const char* examples;        ///< one a line: command, two spaces, # what it does
  Run (*bind)(CLI::App& app);  ///< adds options, gives the body; a group has none
  bool hidden = false;         ///< left out of help, manual and completions
};

#define NEURON_COMMAND(name) extern const Command name;
#include "cmd/commands.def"
#undef NEURON_COMMAND

/// All rows of commands.def, in help order.
extern const Command* const kCommands[];
extern const std::size_t kCommandCount;

/// The whole program. Never throws; the exit status is that of errors.def. `argv[0]` may be one of
/// links.def, which stands for the command in its row.
int main(int argc, const char* const* argv, Terminal terminal);

/// A progress that draws one line on `io.err`, or an empty one when that is no terminal.
Progress progress_of(Terminal& io);

}  // namespace neuron::cmd

// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <map>
#include <memory>

#include "base/json.h"
#include "cmd/command.h"

namespace neuron::cmd {

/// The rows of commands.def as a CLI11 tree, with each command's row, and its body when it is
/// bound.
struct Tree {
  std::unique_ptr<CLI::App> root;
  std::map<const CLI::App*, const Command*> rows;
  std::map<const CLI::App*, Run> bodies;
};
Tree make_tree();
/// Gives `app`, which is in the tree and not bound yet, its options and its body.
void bind(Tree& tree, CLI::App& app);
/// The tree with all commands bound.
Tree make_bound_tree();

/// Everything that help, manual and completions tell about `app` and the commands below it:
///   {"name", "path", "summary", "details", "hidden", "examples": [{"command", "what"}],
///    "options": [{"names", "value", "default", "required", "help", "choices"}], "commands"}
/// Positional arguments are options whose one name has no dash.
Json describe_tree(const Tree& tree, const CLI::App& app);

/// What `--help` prints, from the same description as the manual, so that it does not depend on
/// the version of CLI11.
std::string help_text(const Json& command);

/// Names and texts of all pages of section 1, and of the completions for bash, zsh and fish.
std::map<std::string, std::string> manual_pages(const Json& root);
std::map<std::string, std::string> completions(const Json& root);
/// The text of neuron-nrt(7).
std::string runtime_page();

}  // namespace neuron::cmd

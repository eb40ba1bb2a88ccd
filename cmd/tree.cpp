// SPDX-License-Identifier: Apache-2.0
#include "cmd/tree.h"

#include <iterator>
#include <sstream>

namespace neuron::cmd {

const Command* const kCommands[] = {
#define NEURON_COMMAND(name) &name,
#include "cmd/commands.def"
#undef NEURON_COMMAND
};
const std::size_t kCommandCount = std::size(kCommands);

Tree make_tree() {
  Tree tree;
  tree.root = std::make_unique<CLI::App>(
      "Compile, inspect, simulate and profile models for AWS Neuron accelerators", "neuron");
  tree.root->set_help_flag("-h,--help", "print this help and exit");
  tree.root->set_version_flag("--version", "neuron " NEURON_VERSION)
      ->description("print the version and exit");
  tree.root->option_defaults()->always_capture_default(false);
  std::map<std::string, CLI::App*> by_path{{"", tree.root.get()}};
  for (std::size_t i = 0; i < kCommandCount; ++i) {
    const Command& row = *kCommands[i];
    const std::string path = row.path;
    const std::size_t cut = path.rfind(' ');
    CLI::App* parent = by_path.at(cut == path.npos ? "" : path.substr(0, cut));
    CLI::App* app = parent->add_subcommand(path.substr(cut + 1), row.summary);
    if (row.hidden) app->group("");
    by_path[path] = app;
    tree.rows[app] = &row;
  }
  return tree;
}

void bind(Tree& tree, CLI::App& app) {
  const auto row = tree.rows.find(&app);
  if (row == tree.rows.end() || !row->second->bind) return;
  if (Run body = row->second->bind(app)) tree.bodies[&app] = std::move(body);
}

Tree make_bound_tree() {
  Tree tree = make_tree();
  std::vector<CLI::App*> left{tree.root.get()};
  while (!left.empty()) {
    CLI::App* app = left.back();
    left.pop_back();
    bind(tree, *app);
    for (CLI::App* sub : app->get_subcommands([](const CLI::App*) { return true; }))
      left.push_back(sub);
  }
  return tree;
}

namespace {

// What CLI11 appends to a type name for an IsMember check: "TEXT:{a,b}".
std::vector<std::string> choices_of(const std::string& type) {
  std::vector<std::string> words;
  const std::size_t open = type.find('{'), close = type.find('}');
  if (open == type.npos || close == type.npos || close < open) return words;
  std::istringstream list(type.substr(open + 1, close - open - 1));
  for (std::string word; std::getline(list, word, ',');)
    words.push_back(word.substr(0, word.find("->")));
  return words;
}

Json describe_option(const CLI::Option& option) {
  Json j;
  j["names"] = Json::array();
  for (const std::string& name : option.get_snames()) j["names"].push_back("-" + name);
  for (const std::string& name : option.get_lnames()) j["names"].push_back("--" + name);
  if (j["names"].empty()) j["names"].push_back(option.get_name(true, false));
  const std::string type = option.get_type_name();
  const auto choices = choices_of(type);
  std::string value = option.get_type_size() == 0 ? "" : type.substr(0, type.find(':'));
  if (!choices.empty()) value = fmt::format("{}", fmt::join(choices, "|"));
  if (!value.empty() && option.get_items_expected_max() > 1) value += "...";
  j["value"] = value;
  j["default"] = option.get_default_str();
  j["required"] = option.get_required();
  j["help"] = option.get_description();
  j["choices"] = choices;
  return j;
}

Json describe_examples(const std::string& lines) {
  Json examples = Json::array();
  std::istringstream in(lines);
  for (std::string line; std::getline(in, line);) {
    const std::size_t cut = line.find("  # ");
    examples.push_back({{"command", line.substr(0, line.find_last_not_of(' ', cut) + 1)},
                        {"what", cut == line.npos ? "" : line.substr(cut + 4)}});
  }
  return examples;
}

}  // namespace

Json describe_tree(const Tree& tree, const CLI::App& app) {
  const auto row = tree.rows.find(&app);
  const Command* command = row == tree.rows.end() ? nullptr : row->second;
  Json j;
  j["name"] = app.get_name();
  j["path"] = command ? std::string("neuron ") + command->path : "neuron";
  j["summary"] = app.get_description();
  j["details"] = command ? command->details : "";
  j["hidden"] = command && command->hidden;
  j["examples"] = describe_examples(command ? command->examples : "");
  j["options"] = Json::array();
  for (const CLI::Option* option : app.get_options()) {
    const bool hidden = option->get_group().empty();
    if (!hidden) j["options"].push_back(describe_option(*option));
  }
  j["commands"] = Json::array();
  for (const CLI::App* sub : app.get_subcommands([](const CLI::App*) { return true; }))
    j["commands"].push_back(describe_tree(tree, *sub));
  return j;
}

}  // namespace neuron::cmd

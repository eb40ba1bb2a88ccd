// SPDX-License-Identifier: Apache-2.0
#include <sstream>

#include "cmd/tree.h"

namespace neuron::cmd {
namespace {

constexpr std::size_t kColumn = 28, kWidth = 98;

std::string wrapped(const std::string& text, std::size_t indent) {
  std::string out, line;
  std::istringstream words(text);
  for (std::string word; words >> word;) {
    if (!line.empty() && indent + line.size() + 1 + word.size() > kWidth) {
      out += line + "\n" + std::string(indent, ' ');
      line.clear();
    }
    line += (line.empty() ? "" : " ") + word;
  }
  return out + line;
}

std::string row(const std::string& left, const std::string& right) {
  const bool fits = left.size() + 4 <= kColumn;
  return "  " + left +
         (fits ? std::string(kColumn - 2 - left.size(), ' ') : "\n" + std::string(kColumn, ' ')) +
         wrapped(right, kColumn) + "\n";
}

bool is_positional(const Json& option) {
  return option["names"][0].get_ref<const std::string&>()[0] != '-';
}

std::string option_row(const Json& option) {
  const auto names = option["names"].get<std::vector<std::string>>();
  const auto value = option["value"].get<std::string>();
  std::string left = fmt::format("{}", fmt::join(names, ", "));
  if (!is_positional(option) && !value.empty()) left += " " + value;
  std::string right = option["help"].get<std::string>();
  if (const auto fallback = option["default"].get<std::string>(); !fallback.empty())
    right += " [" + fallback + "]";
  return row(left, right);
}

std::string usage(const Json& command) {
  std::string line = "usage: " + command["path"].get<std::string>();
  if (!command["commands"].empty()) return line + " COMMAND ...\n";
  for (const Json& option : command["options"]) {
    if (is_positional(option) || !option["required"].get<bool>()) continue;
    line +=
        " " + option["names"].back().get<std::string>() + " " + option["value"].get<std::string>();
  }
  line += " [options]";
  for (const Json& option : command["options"]) {
    if (!is_positional(option)) continue;
    std::string name = option["names"][0];
    if (option["value"].get<std::string>().ends_with("...")) name += "...";
    line += option["required"].get<bool>() ? " " + name : " [" + name + "]";
  }
  return line + "\n";
}

}  // namespace

std::string help_text(const Json& command) {
  std::string text = usage(command) + "\n" + command["summary"].get<std::string>() + "\n";
  if (const auto details = command["details"].get<std::string>(); !details.empty())
    text += "\n" + wrapped(details, 0) + "\n";
  std::string commands, arguments, options, examples;
  for (const Json& sub : command["commands"])
    if (!sub["hidden"].get<bool>()) commands += row(sub["name"], sub["summary"]);
  for (const Json& option : command["options"])
    (is_positional(option) ? arguments : options) += option_row(option);
  for (const Json& example : command["examples"]) {
    if (const auto what = example["what"].get<std::string>(); !what.empty())
      examples += "  # " + what + "\n";
    examples += "  " + example["command"].get<std::string>() + "\n";
  }
  if (!commands.empty()) text += "\ncommands:\n" + commands;
  if (!arguments.empty()) text += "\narguments:\n" + arguments;
  if (!options.empty()) text += "\noptions:\n" + options;
  if (!examples.empty()) text += "\nexamples:\n" + examples;
  return text;
}

}  // namespace neuron::cmd

// SPDX-License-Identifier: Apache-2.0
#include "cmd/tree.h"

namespace neuron::cmd {
namespace {

// Text for troff: a backslash or a dash is itself, a line never starts a request.
std::string escaped(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == '\\')
      out += "\\e";
    else if (c == '-')
      out += "\\-";
    else if ((c == '.' || c == '\'') && (out.empty() || out.back() == '\n'))
      out += std::string("\\&") + c;
    else
      out += c;
  }
  return out;
}

std::string page_name(const Json& command) {
  std::string name = command["path"];
  for (char& c : name) c = c == ' ' ? '-' : c;
  return name;
}

bool is_positional(const Json& option) {
  return option["names"][0].get_ref<const std::string&>()[0] != '-';
}

std::string upper(std::string word) {
  for (char& c : word) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return word;
}

std::string synopsis(const Json& command) {
  std::string line = ".B " + escaped(command["path"]) + "\n";
  if (!command["commands"].empty()) return line + ".I command\n[\\fIoptions\\fR]\n";
  line += "[\\fIoptions\\fR]";
  for (const Json& option : command["options"]) {
    if (!is_positional(option)) continue;
    const bool required = option["required"];
    const bool many = option["value"].get<std::string>().ends_with("...");
    line += fmt::format(" {}\\fI{}\\fR{}{}", required ? "" : "[",
                        escaped(option["names"][0].get<std::string>()), many ? "..." : "",
                        required ? "" : "]");
  }
  return line + "\n";
}

std::string option_entry(const Json& option) {
  std::string out = ".TP\n";
  std::string separator;
  for (const Json& name : option["names"]) {
    out += separator + (is_positional(option) ? "\\fI" : "\\fB") + escaped(name) + "\\fR";
    separator = ", ";
  }
  const auto value = option["value"].get<std::string>();
  if (!is_positional(option) && !value.empty()) out += " \\fI" + escaped(value) + "\\fR";
  out += "\n" + escaped(option["help"]);
  if (const auto fallback = option["default"].get<std::string>(); !fallback.empty())
    out += " (default: " + escaped(fallback) + ")";
  if (option["required"].get<bool>() && !is_positional(option)) out += " (required)";
  return out + ".\n";
}

std::string exit_statuses() {
  struct Row {
    int exit;
    const char* meaning;
  };
  static constexpr Row kRows[] = {
#define NEURON_ERROR(name, exit, meaning) {exit, meaning},
#include "base/errors.def"
#undef NEURON_ERROR
  };
  std::string out = ".SH EXIT STATUS\n.TP\n.B 0\nall was done.\n";
  for (const Row& row : kRows)
    out += fmt::format(".TP\n.B {}\n{}.\n", row.exit, escaped(row.meaning));
  return out;
}

std::string see_also(const Json& root, const std::string& own) {
  std::vector<std::string> pages;
  auto add = [&](auto&& self, const Json& command) -> void {
    if (command["hidden"].get<bool>()) return;
    if (page_name(command) != own) pages.push_back(page_name(command) + "(1)");
    for (const Json& sub : command["commands"]) self(self, sub);
  };
  add(add, root);
  pages.push_back("neuron-neff(5)");
  pages.push_back("neuron-ntff(5)");
  pages.push_back("neuron-nrt(7)");
  std::string out = ".SH SEE ALSO\n";
  for (std::size_t i = 0; i < pages.size(); ++i) {
    const std::size_t cut = pages[i].find('(');
    out += ".BR " + escaped(pages[i].substr(0, cut)) + " " + pages[i].substr(cut) +
           (i + 1 < pages.size() ? " ,\n" : "\n");
  }
  return out;
}

std::string page_of(const Json& command, const Json& root) {
  const std::string name = page_name(command);
  std::string out = ".\\\" Printed by `neuron describe --man`; edit the command's row instead.\n";
  out += fmt::format(".TH {} 1 \"\" \"neuron {}\" \"neuron manual\"\n", upper(escaped(name)),
                     NEURON_VERSION);
  out += fmt::format(".SH NAME\n{} \\- {}\n", escaped(name), escaped(command["summary"]));
  out += ".SH SYNOPSIS\n" + synopsis(command);
  out += ".SH DESCRIPTION\n" + escaped(command["summary"]) + ".\n";
  if (const auto details = command["details"].get<std::string>(); !details.empty())
    out += ".PP\n" + escaped(details) + "\n";
  std::string commands, options, examples;
  for (const Json& sub : command["commands"])
    if (!sub["hidden"].get<bool>())
      commands +=
          fmt::format(".TP\n.BR {} (1)\n{}.\n", escaped(page_name(sub)), escaped(sub["summary"]));
  for (const Json& option : command["options"]) options += option_entry(option);
  for (const Json& example : command["examples"]) {
    const auto what = example["what"].get<std::string>();
    examples += ".PP\n" + (what.empty() ? "" : escaped(what) + ":\n.PP\n");
    examples += ".nf\n.RS\n" + escaped(example["command"]) + "\n.RE\n.fi\n";
  }
  if (!commands.empty()) out += ".SH COMMANDS\n" + commands;
  if (!options.empty()) out += ".SH OPTIONS\n" + options;
  if (!examples.empty()) out += ".SH EXAMPLES\n" + examples;
  return out + exit_statuses() + see_also(root, name);
}

void add_pages(const Json& command, const Json& root, std::map<std::string, std::string>& pages) {
  if (command["hidden"].get<bool>()) return;
  pages[page_name(command) + ".1"] = page_of(command, root);
  for (const Json& sub : command["commands"]) add_pages(sub, root, pages);
}

}  // namespace

std::map<std::string, std::string> manual_pages(const Json& root) {
  std::map<std::string, std::string> pages;
  add_pages(root, root, pages);
  return pages;
}

}  // namespace neuron::cmd

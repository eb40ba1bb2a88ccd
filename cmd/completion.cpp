// SPDX-License-Identifier: Apache-2.0
#include "cmd/tree.h"

namespace neuron::cmd {
namespace {

constexpr const char* kNote =
    "# Printed by `neuron describe --completions`; edit the command's row instead.\n";

// The program and its links, each after a space.
constexpr const char* kPrograms = " neuron"
#define NEURON_LINK(name, path) " " name
#include "cmd/links.def"
#undef NEURON_LINK
    ;

// The words that an installed link stands for, as the branches of a shell's `case`.
std::string link_cases(std::string_view line) {
  std::string out;
#define NEURON_LINK(name, path) out += fmt::format(fmt::runtime(line), name, path);
#include "cmd/links.def"
#undef NEURON_LINK
  return out;
}

/// A visible command as completions see it.
struct Entry {
  std::string path;  ///< "", "packager", "packager info"
  const Json* command;
};

void collect(const Json& command, const std::string& path, std::vector<Entry>& all) {
  if (command["hidden"].get<bool>()) return;
  all.push_back({path, &command});
  for (const Json& sub : command["commands"])
    collect(sub, (path.empty() ? "" : path + " ") + sub["name"].get<std::string>(), all);
}

std::string quoted(const std::string& text) {  // for sh, within '...'
  std::string out;
  for (const char c : text) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out;
}

std::vector<std::string> names_of_subcommands(const Json& command) {
  std::vector<std::string> names;
  for (const Json& sub : command["commands"])
    if (!sub["hidden"].get<bool>()) names.push_back(sub["name"]);
  return names;
}

bool is_positional(const Json& option) {
  return option["names"][0].get_ref<const std::string&>()[0] != '-';
}

bool is_group(const Json& command) { return !command["commands"].empty(); }

// What stands after an option, by the word that help prints for it.
enum class Value { None, Choice, File, Directory, Other };

Value value_of(const Json& option) {
  const auto& word = option["value"].get_ref<const std::string&>();
  if (word.empty()) return Value::None;
  if (!option["choices"].empty()) return Value::Choice;
  if (word.starts_with("DIR")) return Value::Directory;
  for (const char* file : {"FILE", "NEFF", "NTFF", "TRACE", "MODEL", "PATH"})
    if (word.find(file) != std::string::npos) return Value::File;
  return Value::Other;
}

std::string choices_of(const Json& option) {
  return fmt::format("{}", fmt::join(option["choices"].get<std::vector<std::string>>(), " "));
}

std::string bash_value(const Json& option) {
  switch (value_of(option)) {
    case Value::Choice:
      return choices_of(option);
    case Value::File:
      return "@file";
    case Value::Directory:
      return "@directory";
    default:
      return "@other";
  }
}

std::string bash(const std::vector<Entry>& all) {
  std::string words, values;
  for (const Entry& entry : all) {
    std::vector<std::string> list = names_of_subcommands(*entry.command);
    for (const Json& option : (*entry.command)["options"]) {
      if (is_positional(option)) continue;
      const auto names = option["names"].get<std::vector<std::string>>();
      list.insert(list.end(), names.begin(), names.end());
      if (value_of(option) == Value::None) continue;
      for (const std::string& name : names)
        values += fmt::format("    '{} {}') echo '{}';;\n", entry.path, name, bash_value(option));
    }
    words += fmt::format("    '{}') echo '{}';;\n", entry.path, fmt::join(list, " "));
  }
  return std::string(kNote) + "_neuron_words() {\n  case \"$1\" in\n" + words + "  esac\n}\n" +
         "_neuron_values() {\n  case \"$1\" in\n" + values + "  esac\n}\n" + R"sh(_neuron() {
  local word=${COMP_WORDS[COMP_CWORD]} path= next known values
  case ${COMP_WORDS[0]##*/} in
)sh" + link_cases("    {}) path='{}';;\n") +
         R"sh(  esac
  for next in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    known=" $(_neuron_words "$path") "
    case $next in -*) continue;; esac
    case $known in *" $next "*) path=${path:+$path }$next;; esac
  done
  values=$(_neuron_values "$path ${COMP_WORDS[COMP_CWORD-1]}")
  known=$(_neuron_words "$path")
  if [[ $values == @file ]]; then
    COMPREPLY=($(compgen -f -- "$word"))
  elif [[ $values == @directory ]]; then
    COMPREPLY=($(compgen -d -- "$word"))
  elif [[ $values == @other ]]; then
    COMPREPLY=()
  elif [[ -n $values ]]; then
    COMPREPLY=($(compgen -W "$values" -- "$word"))
  elif [[ $word == -* || " $known" != *" -"* || " $known" == *" "[a-z]* ]]; then
    COMPREPLY=($(compgen -W "$known" -- "$word"))
  else
    COMPREPLY=($(compgen -f -- "$word"))
  fi
}
complete -o filenames -F _neuron)sh" +
         kPrograms + "\n";
}

std::string zsh_option(const Json& option) {
  std::string out;
  std::string help = quoted(option["help"]), safe;
  for (const char c : help)
    safe += c == '[' || c == ']' || c == ':' ? std::string("\\") + c : std::string(1, c);
  std::string action;
  switch (value_of(option)) {
    case Value::None:
      break;
    case Value::Choice:
      action = fmt::format(":value:({})", choices_of(option));
      break;
    case Value::File:
      action = ":file:_files";
      break;
    case Value::Directory:
      action = ":directory:_files -/";
      break;
    case Value::Other:
      action = ":value: ";
  }
  for (const Json& name : option["names"])
    out += fmt::format(" \\\n        '{}[{}]{}'", name.get<std::string>(), safe, action);
  return out;
}

std::string zsh(const std::vector<Entry>& all) {
  std::string out = std::string("#compdef") + kPrograms + "\n" + kNote + R"sh(_neuron() {
  local at= word
  case ${words[1]:t} in
)sh" + link_cases("    {}) at='{}';;\n") +
                    R"sh(  esac
  for word in ${words[2,CURRENT-1]}; do
    case "$at $word" in
)sh";
  for (const Entry& entry : all)
    if (!entry.path.empty()) {
      const std::size_t cut = entry.path.rfind(' ');
      const std::string parent = cut == std::string::npos ? "" : entry.path.substr(0, cut);
      out +=
          fmt::format("      '{} {}') at='{}';;\n", parent, entry.path.substr(cut + 1), entry.path);
    }
  out += "    esac\n  done\n  case $at in\n";
  for (const Entry& entry : all) {
    out += fmt::format("    '{}')\n", entry.path);
    const auto subs = names_of_subcommands(*entry.command);
    out += "      _arguments -S";
    for (const Json& option : (*entry.command)["options"])
      if (!is_positional(option)) out += zsh_option(option);
    out += subs.empty() ? " \\\n        '*:file:_files';;\n"
                        : fmt::format(" \\\n        '*:command:({})';;\n", fmt::join(subs, " "));
  }
  return out + "  esac\n}\n_neuron \"$@\"\n";
}

std::string fish_value(const Json& option) {
  switch (value_of(option)) {
    case Value::None:
      return "";
    case Value::Choice:
      return fmt::format(" -x -a '{}'", choices_of(option));
    case Value::File:
      return " -r -F";
    case Value::Directory:
      return " -x -a '(__fish_complete_directories)'";
    case Value::Other:
      return " -x";
  }
  return "";
}

std::string fish_option(const Json& option) {
  std::string out;
  for (const Json& name : option["names"]) {
    const auto text = name.get<std::string>();
    out += text.starts_with("--") ? " -l " + text.substr(2) : " -s " + text.substr(1);
  }
  return out + fish_value(option) + fmt::format(" -d '{}'\n", quoted(option["help"]));
}

// The function says whether the words so far name the command in its argument; a word counts when
// it is a command of the group before it.
std::string fish(const std::vector<Entry>& all) {
  std::string known;
  for (const Entry& entry : all)
    if (!entry.path.empty()) known += fmt::format(" '{}'", entry.path);
  std::string out =
      kNote + fmt::format(R"sh(function __neuron_at
    set -l tokens (commandline -opc)
    set -l at ''
    switch (string replace -r '.*/' '' -- $tokens[1])
{}    end
    for token in $tokens[2..-1]
        set -l next (string trim -- "$at $token")
        contains -- $next{}; and set at $next
    end
    test "$at" = "$argv[1]"
end
)sh",
                          link_cases("        case {}\n            set at '{}'\n"), known);
  out += std::string("for program in") + kPrograms + "\n";
  for (const Entry& entry : all) {
    const std::string when =
        fmt::format("    complete -c $program -n '__neuron_at \"{}\"'", entry.path);
    if (is_group(*entry.command)) out += when + " -f\n";
    for (const Json& sub : (*entry.command)["commands"])
      if (!sub["hidden"].get<bool>())
        out += fmt::format("{} -a {} -d '{}'\n", when, sub["name"].get<std::string>(),
                           quoted(sub["summary"]));
    for (const Json& option : (*entry.command)["options"])
      if (!is_positional(option)) out += when + fish_option(option);
  }
  return out + "end\n";
}

}  // namespace

std::map<std::string, std::string> completions(const Json& root) {
  std::vector<Entry> all;
  collect(root, "", all);
  return {{"neuron.bash", bash(all)}, {"_neuron", zsh(all)}, {"neuron.fish", fish(all)}};
}

}  // namespace neuron::cmd

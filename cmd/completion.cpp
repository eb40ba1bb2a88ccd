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

std::string bash(const std::vector<Entry>& all) {
  std::string words, values;
  for (const Entry& entry : all) {
    std::vector<std::string> list = names_of_subcommands(*entry.command);
    for (const Json& option : (*entry.command)["options"]) {
      if (is_positional(option)) continue;
      const auto names = option["names"].get<std::vector<std::string>>();
      list.insert(list.end(), names.begin(), names.end());
      if (option["value"].get<std::string>().empty()) continue;
      for (const std::string& name : names)
        values += fmt::format(
            "    '{} {}') echo '{}';;\n", entry.path, name,
            option["choices"].empty()
                ? "@file"
                : fmt::format("{}",
                              fmt::join(option["choices"].get<std::vector<std::string>>(), " ")));
    }
    words += fmt::format("    '{}') echo '{}';;\n", entry.path, fmt::join(list, " "));
  }
  return std::string(kNote) + "_neuron_words() {\n  case \"$1\" in\n" + words + "  esac\n}\n" +
         "_neuron_values() {\n  case \"$1\" in\n" + values + "  esac\n}\n" + R"sh(_neuron() {
  local word=${COMP_WORDS[COMP_CWORD]} path= next known values
  local tool=${COMP_WORDS[0]##*/}
  case $tool in neuron-cc) path=compile;; neuron-*) path=${tool#neuron-};; esac
  for next in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    known=" $(_neuron_words "$path") "
    case $next in -*) continue;; esac
    case $known in *" $next "*) path=${path:+$path }$next;; esac
  done
  values=$(_neuron_values "$path ${COMP_WORDS[COMP_CWORD-1]}")
  known=$(_neuron_words "$path")
  if [[ $values == @file ]]; then
    COMPREPLY=($(compgen -f -- "$word"))
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
  const auto value = option["value"].get<std::string>();
  std::string action;
  if (!option["choices"].empty())
    action = fmt::format(":value:({})",
                         fmt::join(option["choices"].get<std::vector<std::string>>(), " "));
  else if (!value.empty())
    action = ":value:_files";
  for (const Json& name : option["names"])
    out += fmt::format(" \\\n        '{}[{}]{}'", name.get<std::string>(), safe, action);
  return out;
}

std::string zsh(const std::vector<Entry>& all) {
  std::string out = std::string("#compdef") + kPrograms + "\n" + kNote + R"sh(_neuron() {
  local at= word
  case ${words[1]:t} in neuron-cc) at=compile;; neuron-*) at=${${words[1]:t}#neuron-};; esac
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

std::string fish(const std::vector<Entry>& all) {
  std::string out = kNote;
  out += R"sh(function __neuron_at
    set -l tokens (commandline -opc)
    set -l path
    for token in $tokens[2..]
        string match -q -- '-*' $token; or set -a path $token
    end
    set -l wanted (string split -n ' ' -- $argv[1])
    test "$path[1..(count $wanted)]" = "$wanted"; or test -z "$argv[1]" -a (count $path) -eq 0
end
)sh";
  for (const Entry& entry : all) {
    const std::string when = fmt::format("complete -c neuron -n '__neuron_at \"{}\"'", entry.path);
    for (const Json& sub : (*entry.command)["commands"])
      if (!sub["hidden"].get<bool>())
        out += fmt::format("{} -f -a {} -d '{}'\n", when, sub["name"].get<std::string>(),
                           quoted(sub["summary"]));
    for (const Json& option : (*entry.command)["options"]) {
      if (is_positional(option)) continue;
      out += when;
      for (const Json& name : option["names"]) {
        const auto text = name.get<std::string>();
        out += text.starts_with("--") ? " -l " + text.substr(2) : " -s " + text.substr(1);
      }
      if (!option["value"].get<std::string>().empty()) out += " -r";
      if (!option["choices"].empty())
        out += fmt::format(" -f -a '{}'",
                           fmt::join(option["choices"].get<std::vector<std::string>>(), " "));
      out += fmt::format(" -d '{}'\n", quoted(option["help"]));
    }
  }
  return out;
}

}  // namespace

std::map<std::string, std::string> completions(const Json& root) {
  std::vector<Entry> all;
  collect(root, "", all);
  return {{"neuron.bash", bash(all)}, {"_neuron", zsh(all)}, {"neuron.fish", fish(all)}};
}

}  // namespace neuron::cmd

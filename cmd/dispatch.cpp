// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cstring>
#include <iterator>
#include <new>
#include <sstream>

#include "base/file.h"
#include "cmd/command.h"
#include "cmd/suggest.h"
#include "cmd/tree.h"

namespace neuron::cmd {
namespace {

using Words = std::vector<std::string>;

struct Refused {
  std::string_view words, why;
};
constexpr Refused kRefused[] = {
#define NEURON_REFUSED(words, why) {words, why},
#include "cmd/refused.def"
#undef NEURON_REFUSED
};

struct Link {
  std::string_view name, path;
};
constexpr Link kLinks[] = {
#define NEURON_LINK(name, path) {name, path},
#include "cmd/links.def"
#undef NEURON_LINK
};

// Links that stand for `compile` are compilers with commands of their own: `neuron-cc compile ...`,
// `neuron-cc --verbose INFO compile ...`, `kcc-cc list-operators ...`, which is an option of ours.
// A dash that a word processor made long, as in texts that are copied from pages, is two again, and
// the long option that neuronx-cc writes with one has two.
Words compiler_words(Words words) {
  constexpr std::string_view kLong[] = {"\u2014", "\u2013"};  // em and en dash
  for (std::string& word : words) {
    for (const std::string_view dash : kLong)
      if (word.starts_with(dash)) word.replace(0, dash.size(), "--");
    if (word == "-lnc" || word.starts_with("-lnc=")) word.insert(0, "-");
  }
  constexpr std::string_view kList = "list-operators";
  const auto early = words.begin() + std::min<std::ptrdiff_t>(3, std::ssize(words));
  const auto at = std::find_if(words.begin(), early, [&](const std::string& word) {
    return word == compile.path || word == kList;
  });
  const bool lists = at != early && *at == kList;
  if (at != early) words.erase(at);
  if (lists) words.insert(words.begin(), "--list-operators");
  words.insert(words.begin(), compile.path);
  return words;
}

// The command line as if it had been given to `neuron`: a link adds its command in front. Only
// `profile` has a version of its own to tell.
Words words_of(int argc, const char* const* argv) {
  Words words(argv + std::min(argc, 1), argv + argc);
  const std::string program = argc > 0 ? fs::path(argv[0]).filename().string() : "";
  for (const Link& link : kLinks) {
    if (program != link.name) continue;
    if (words == Words{"--version"} && link.path != "profile") break;
    if (link.path == compile.path) return compiler_words(std::move(words));
    std::istringstream path{std::string(link.path)};
    const Words front{std::istream_iterator<std::string>(path), {}};
    words.insert(words.begin(), front.begin(), front.end());
  }
  return words;
}

Words names_of_commands(const CLI::App& app) {
  Words names;
  for (const CLI::App* sub : app.get_subcommands([](const CLI::App*) { return true; }))
    if (!sub->get_group().empty()) names.push_back(sub->get_name());
  return names;
}

std::string did_you_mean(const std::string& near) {
  return near.empty() ? "" : fmt::format("; did you mean '{}'?", near);
}

// The command that the leading words name. CLI11's own answer to a wrong word names nothing.
Result<CLI::App*> command_of(const Words& words, CLI::App& root) {
  CLI::App* at = &root;
  for (const std::string& word : words) {
    const auto subs = at->get_subcommands([](const CLI::App*) { return true; });
    if (subs.empty() || word.starts_with('-')) break;
    const auto next = std::find_if(subs.begin(), subs.end(),
                                   [&](const CLI::App* sub) { return sub->get_name() == word; });
    const std::string path = fmt::format("{} {}", at->get_name(), word);
    for (const Refused& row : kRefused)
      if (row.words == path) return fail(Code::BadUsage, "no command '{}' here: {}", path, row.why);
    if (next == subs.end())
      return fail(Code::BadUsage, "no command '{}'{}", word,
                  did_you_mean(nearest(word, names_of_commands(*at))));
    at = *next;
  }
  return at;
}

std::string path_of(const CLI::App& app) {
  const CLI::App* parent = app.get_parent();
  return parent ? path_of(*parent) + " " + app.get_name() : app.get_name();
}

// What CLI11 found wrong, as a line of ours: a word that nothing takes comes before all else.
Error usage_error(const CLI::ParseError& error, const CLI::App& app) {
  const std::string hint = fmt::format("; see '{} --help'", path_of(app));
  Words names;
  for (const CLI::Option* option : app.get_options())
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  for (const std::string& word : app.remaining()) {
    const std::string name = word.substr(0, word.find('='));
    if (!word.starts_with('-') || word == "-") continue;
    const std::string near = nearest(name, names);
    return fail(Code::BadUsage, "unknown option '{}'{}", name,
                near.empty() ? hint : did_you_mean(near));
  }
  for (const std::string& word : app.remaining())
    return fail(Code::BadUsage, "unexpected argument '{}'{}", word, hint);
  std::string text = error.what();
  if (!text.empty() && text.back() == '.') text.pop_back();
  if (!text.empty()) text[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(text[0])));
  for (char& c : text) c = c == '\n' ? ' ' : c;
  return fail(Code::BadUsage, "{}{}", text, hint);
}

Result<> run_words(const Words& words, Terminal& io) {
  Tree tree = make_tree();
  CLI::App* app = TRY(command_of(words, *tree.root));
  // Options of other commands are not looked at: all of them take longer than many a command.
  for (CLI::App* one = app; one; one = one->get_parent()) bind(tree, *one);
  try {
    Words reversed(words.rbegin(), words.rend());  // as CLI11 wants a vector
    tree.root->parse(reversed);
  } catch (const CLI::CallForHelp&) {
    io.out << help_text(describe_tree(tree, *app));
    return {};
  } catch (const CLI::CallForVersion& version) {
    io.out << version.what() << "\n";
    return {};
  } catch (const CLI::ParseError& error) {
    return usage_error(error, *app);
  }
  const auto body = tree.bodies.find(app);
  if (body != tree.bodies.end()) return body->second(io);
  io.err << help_text(describe_tree(tree, *app)) << "\n";
  return fail(Code::BadUsage, "a command is needed after '{}'", path_of(*app));
}

Result<> run_guarded(const Words& words, Terminal& io) {
  try {
    return run_words(words, io);
  } catch (const std::bad_alloc&) {
    return fail(Code::NoResource, "out of memory");
  } catch (const std::exception& error) {
    return fail(Code::Internal, "unexpected: {}", error.what());
  }
}

}  // namespace

int main(int argc, const char* const* argv, Terminal io) {
  Result<> done = run_guarded(words_of(argc, argv), io);
  errno = 0;
  io.out.flush();
  if (done && !io.out)
    done = fail(Code::Io, "standard output: cannot write{}{}", errno ? ": " : "",
                errno ? std::strerror(errno) : "");
  if (done) return io.status;
  // In one piece: ranks of one command share where they complain.
  io.err << fmt::format("neuron: {}\n", done.error().message);
  io.err.flush();
  return info(done.error().code).exit;
}

}  // namespace neuron::cmd

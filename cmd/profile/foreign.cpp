// SPDX-License-Identifier: Apache-2.0
#include "cmd/profile/foreign.h"

#include <iterator>

namespace neuron::cmd {
namespace {

enum class Value { Flag, Word };
enum class Does { Accepted, Refused };
struct Row {
  ProfileCommand command;
  const char* name;
  Value value;
  Does does;
  const char* why;
};
constexpr Row kRows[] = {
#define NEURON_FOREIGN(command, name, value, does, why) \
  {ProfileCommand::command, name, Value::value, Does::does, why},
#include "cmd/profile/foreign.def"
#undef NEURON_FOREIGN
};

}  // namespace

std::shared_ptr<ForeignOptions> ForeignOptions::add(CLI::App& app, ProfileCommand command) {
  auto options = std::make_shared<ForeignOptions>();
  for (std::size_t i = 0; i < std::size(kRows); ++i) {
    const Row& row = kRows[i];
    if (row.command != command) continue;
    const auto note = [options, i] { options->given_.push_back(i); };
    CLI::Option* option =
        row.value == Value::Flag
            ? app.add_flag_callback(row.name, note)
            : app.add_option_function<std::vector<std::string>>(
                     row.name, [note](const std::vector<std::string>&) { note(); })
                  ->expected(1);
    option->group("");
  }
  return options;
}

Result<> ForeignOptions::answer(Terminal& io) const {
  for (const std::size_t i : given_)
    if (kRows[i].does == Does::Refused)
      return fail(Code::BadUsage, "{}: {}", kRows[i].name, kRows[i].why);
  for (const std::size_t i : given_)
    io.err << fmt::format("neuron: notice: {} has no effect: {}\n", kRows[i].name, kRows[i].why);
  return {};
}

}  // namespace neuron::cmd

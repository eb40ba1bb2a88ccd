// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "cmd/command.h"

namespace neuron::cmd {
namespace {

struct Options {
  std::string directory = "./output";
  std::uint64_t events = 1'000'000;
  bool system_profiles = false, device_profiles = false;
};

/// Becomes the command, with the runtime told to inspect. Neither kind of profile asked for is
/// both.
Result<> inspect(const Options& o, std::vector<std::string> command) {
  if (command.empty())
    return fail(Code::BadUsage, "no command to inspect; see 'neuron profile inspect --help'");
  const bool both = o.system_profiles == o.device_profiles;
  const std::pair<const char*, std::string> settings[] = {
      {"NEURON_RT_INSPECT_ENABLE", "1"},
      {"NEURON_RT_INSPECT_OUTPUT_DIR", o.directory},
      {"NEURON_RT_INSPECT_SYS_TRACE_MAX_EVENTS_PER_NC", std::to_string(o.events)},
      {"NEURON_RT_INSPECT_SYSTEM_PROFILE", both || o.system_profiles ? "1" : "0"},
      {"NEURON_RT_INSPECT_DEVICE_PROFILE", both || o.device_profiles ? "1" : "0"}};
  for (const auto& [name, value] : settings) ::setenv(name, value.c_str(), 1);
  std::vector<char*> words;
  for (std::string& word : command) words.push_back(word.data());
  words.push_back(nullptr);
  ::execvp(words[0], words.data());
  return fail(errno == ENOENT ? Code::NotFound : Code::Io, "{}: cannot run: {}", command[0],
              std::strerror(errno));
}

}  // namespace

const Command profile_inspect{
    .path = "profile inspect",
    .summary = "Run a command and record what it does with the runtime",
    .details =
        "Runs COMMAND with NEURON_RT_INSPECT_ENABLE set, so that libnrt in it records events of "
        "the "
        "runtime and device traces of the models it executes, and writes them to a directory of "
        "the process in DIR when it ends: ntrace.json, the packages, and a trace of each. The exit "
        "status is that of COMMAND; a command that does not use libnrt leaves nothing behind. "
        "Other NEURON_RT_INSPECT_ variables count as usual.",
    .examples =
        "neuron profile inspect -o out python3 my_model.py\n"
        "neuron profile inspect -o out neuron run model.neff  # then: neuron profile view -d out",
    .bind = [](CLI::App& app) -> Run {
      auto o = std::make_shared<Options>();
      app.add_option("-o,--output-dir", o->directory, "where to write")
          ->type_name("DIR")
          ->capture_default_str();
      app.add_option("-n,--num-trace-events", o->events,
                     "events kept for each core; the oldest make room")
          ->type_name("N")
          ->check(CLI::PositiveNumber)
          ->capture_default_str();
      app.add_flag("--capture-system-profiles", o->system_profiles,
                   "events of the runtime only, unless the other is given too");
      app.add_flag("--capture-device-profiles", o->device_profiles,
                   "device traces only, unless the other is given too");
      app.prefix_command();
      return [o, &app](Terminal& io) {
        io.out.flush();
        return inspect(*o, app.remaining());
      };
    }};

}  // namespace neuron::cmd

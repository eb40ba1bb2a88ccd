// SPDX-License-Identifier: Apache-2.0
#include "base/log.h"

#include <fmt/chrono.h>
#include <syslog.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>

namespace neuron::log {
namespace {

struct LevelRow {
  Level level;
  const char* word;    // as NEURON_RT_LOG_LEVEL spells it
  const char* padded;  // as a line shows it
  int syslog;
};
constexpr std::array<LevelRow, 7> kLevels = {{{Level::Quiet, "QUIET", "QUIET ", LOG_EMERG},
                                              {Level::Error, "ERROR", "ERROR ", LOG_ERR},
                                              {Level::Warn, "WARN", " WARN ", LOG_WARNING},
                                              {Level::Warn, "WARNING", " WARN ", LOG_WARNING},
                                              {Level::Info, "INFO", " INFO ", LOG_INFO},
                                              {Level::Debug, "DEBUG", "DEBUG ", LOG_DEBUG},
                                              {Level::Trace, "TRACE", "TRACE ", LOG_DEBUG}}};

std::string setting(std::string_view name, std::string_view module) {
  const char* own = std::getenv(fmt::format("{}_{}", name, module).c_str());
  const char* all = std::getenv(std::string(name).c_str());
  return own ? own : all ? all : "";
}

Level level_of(std::string_view module) {
  std::string word = setting("NEURON_RT_LOG_LEVEL", module);
  for (char& c : word) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  for (const LevelRow& row : kLevels)
    if (word == row.word) return row.level;
  return Level::Error;
}

const LevelRow& row_of(Level level) {
  for (const LevelRow& row : kLevels)
    if (row.level == level) return row;
  return kLevels[0];
}

}  // namespace

bool enabled(std::string_view module, Level level) { return level <= level_of(module); }

void line(std::string_view module, Level level, std::string_view function, std::string_view text) {
  using namespace std::chrono;
  const auto now = system_clock::now();
  const auto micros = duration_cast<microseconds>(now.time_since_epoch()).count() % 1'000'000;
  const std::string where = fmt::format("{}:{}", module, function);
  const std::string whole = fmt::format("{:%Y-%b-%d %H:%M:%S}.{:06}  {}:{} {} {:<40}  {}\n",
                                        fmt::localtime(system_clock::to_time_t(now)), micros,
                                        ::getpid(), ::gettid(), row_of(level).padded, where, text);
  const std::string place = setting("NEURON_RT_LOG_LOCATION", module);
  if (place == "syslog") {
    ::syslog(row_of(level).syslog, "%s", fmt::format("{}  {}", where, text).c_str());
  } else if (place.empty() || place == "console") {
    std::fwrite(whole.data(), 1, whole.size(), stderr);
  } else if (std::FILE* file = std::fopen(place.c_str(), "a")) {
    std::fwrite(whole.data(), 1, whole.size(), file);
    std::fclose(file);
  }
}

}  // namespace neuron::log

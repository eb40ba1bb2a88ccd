// SPDX-License-Identifier: Apache-2.0
#include "cmd/compile_log.h"

#include <fmt/chrono.h>

#include <algorithm>
#include <cctype>

#include "cmd/suggest.h"

namespace neuron::cmd {
namespace {

struct Level {
  const char* word;
  Loudness level;
};
constexpr Level kLevels[] = {{"debug", Loudness::Debug},       {"trace", Loudness::Debug},
                             {"info", Loudness::Info},         {"warning", Loudness::Warning},
                             {"warn", Loudness::Warning},      {"error", Loudness::Error},
                             {"critical", Loudness::Critical}, {"fatal", Loudness::Critical}};

const char* word_of(Loudness level) {
  return std::find_if(std::begin(kLevels), std::end(kLevels),
                      [&](const Level& row) { return row.level == level; })
      ->word;
}

}  // namespace

Result<Loudness> loudness_of(const std::string& word) {
  std::string lower = word;
  for (char& c : lower) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  std::vector<std::string> words;
  for (const Level& row : kLevels) {
    if (lower == row.word) return row.level;
    words.push_back(row.word);
  }
  const std::string near = nearest(lower, words);
  return fail(Code::BadUsage, "--verbose: no level '{}'{}", word,
              near.empty() ? "; levels are debug, info, warning, error and critical"
                           : fmt::format("; did you mean '{}'?", near));
}

void CompileLog::say(Loudness level, std::string_view text) {
  if (level >= Loudness::Info)
    kept_ += fmt::format(
        "{:%Y-%m-%dT%H:%M:%SZ} {} {}\n",
        fmt::gmtime(std::chrono::system_clock::to_time_t(std::chrono::system_clock::now())),
        word_of(level), text);
  if (level < least_) return;
  std::ostream& out = level <= Loudness::Info ? io_.out : io_.err;
  if (level <= Loudness::Info)
    out << text << "\n";
  else
    out << "neuron: " << word_of(level) << ": " << text << "\n";
}

Result<> CompileLog::save(const fs::path& path) const {
  if (path.empty()) return {};
  return write_file(path, view_of(kept_));
}

}  // namespace neuron::cmd

// SPDX-License-Identifier: Apache-2.0
#include "cmd/packager/limits.h"

#include <charconv>
#include <cstdlib>

namespace neuron::cmd {

void add_limits(CLI::App& app, neff::Limits& limits) {
  app.add_option("--max-members", limits.members, "most files that an archive may hold")
      ->capture_default_str();
  app.add_option("--max-size", limits.bytes,
                 "most bytes of all files together; 0 leaves it to --max-ratio")
      ->capture_default_str();
  app.add_option("--max-ratio", limits.ratio,
                 "how many times its size a compressed archive of more than 1 GiB may grow to")
      ->capture_default_str()
      ->check(CLI::Range(1, 1032));
}

Result<std::int64_t> source_date() {
  const char* text = std::getenv("SOURCE_DATE_EPOCH");
  if (!text || !*text) return 0;
  constexpr std::int64_t kMost = 077777777777;  // a tar header has room for eleven octal digits
  const std::string_view all(text);
  std::int64_t seconds = 0;
  const auto end = std::from_chars(all.data(), all.data() + all.size(), seconds);
  if (end.ec == std::errc() && end.ptr == all.data() + all.size() && seconds >= 0 &&
      seconds <= kMost)
    return seconds;
  return fail(Code::BadUsage, "SOURCE_DATE_EPOCH is {}, expected seconds since 1970", all);
}

}  // namespace neuron::cmd

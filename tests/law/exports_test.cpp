// SPDX-License-Identifier: Apache-2.0
#include <regex>
#include <set>

#include "tests/catch.h"
#include "tests/law/sources.h"

namespace {

std::set<std::string> matches_in(const fs::path& path, const char* pattern) {
  std::ifstream in(path);
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  const std::regex regex(pattern);
  std::set<std::string> found;
  for (std::sregex_iterator at(text.begin(), text.end(), regex), end; at != end; ++at)
    found.insert((*at)[1]);
  return found;
}

}  // namespace

// The border is said twice: in the headers and in the version script.
TEST_CASE("libnrt exports what its headers declare, and nothing else") {
  const fs::path nrt = fs::path(NEURON_SOURCE_DIR) / "lib/nrt";
  const auto exported = matches_in(nrt / "libnrt.map", R"(\n\s+(nrt_\w+);)");
  std::set<std::string> declared;
  for (const char* header :
       {"nrt.h", "nrt_experimental.h", "nrt_profile.h", "nrt_status.h", "nrt_version.h"})
    // Declarations start in the first column with their type.
    declared.merge(
        matches_in(nrt / header, R"(\n(?:NRT_STATUS|void|const char|size_t)[ *]+(nrt_\w+)\()"));
  CHECK(exported.size() > 20);
  CHECK(exported == declared);
}

// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdio>
#include <string>
#include <vector>

#include "base/json.h"
#include "tests/catch.h"
#include "tests/conformance.h"
#include "view/view.h"

/// Public pairs of package and trace with the official profiler's JSON export of them.
namespace neuron::view {

struct OfficialPair {
  std::string name;
  Timeline timeline;  ///< ours
  Json exported;      ///< theirs
};

/// What `xz -dc` prints; empty, with the reason on standard output, when there is no xz.
inline std::string unpacked(const fs::path& path) {
  std::string text;
  if (FILE* pipe = popen(("xz -dc '" + path.string() + "' 2>/dev/null").c_str(), "r")) {
    char part[1 << 16];
    while (std::size_t n = std::fread(part, 1, sizeof part, pipe)) text.append(part, n);
    pclose(pipe);
  }
  if (text.empty()) std::puts("skipped: xz cannot unpack the official export");
  return text;
}

inline std::vector<OfficialPair> official_pairs() {
  std::vector<OfficialPair> pairs;
  const auto dir = conformance("neff");
  if (!dir) return pairs;
  for (const char* name : {"attention-baseline_bf16_s512", "attention-baseline_fp32_s1024",
                           "attention-fused_bf16_s512", "attention-fused_fp32_s512"}) {
    const std::string text = unpacked(*dir / (std::string(name) + ".profile.json.xz"));
    if (text.empty()) continue;
    const auto package = REQUIRE_OK(neff::read(*dir / (std::string(name) + ".neff")));
    const auto trace = REQUIRE_OK(ntff::read(*dir / (std::string(name) + ".ntff")));
    pairs.push_back(
        {name, REQUIRE_OK(import(&package, trace, {})), REQUIRE_OK(json::parse(view_of(text)))});
  }
  return pairs;
}

}  // namespace neuron::view

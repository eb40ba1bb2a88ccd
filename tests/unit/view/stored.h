// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "tests/catch.h"
#include "tests/unit/view/synthetic.h"
#include "view/store.h"

/// What tests of stored profiles share.
namespace neuron::view {

inline const std::string kId = "n_0123456789abcdef0123456789abcdef01234567";

inline std::vector<Metric> some_metrics() {
  return {{"overall_stats", "total_time", "s", "", 0.001},
          {"tensor_engine", "matmul_instruction_count", "count", "", std::uint64_t{7}}};
}

/// The timeline as profile kId of a store in `directory`.
inline std::shared_ptr<const Profile> stored(const fs::path& directory, const Timeline& timeline) {
  auto store = REQUIRE_OK(Store::open(directory));
  REQUIRE(REQUIRE_OK(store.put(kId, "digits", timeline, some_metrics(), false)));
  return REQUIRE_OK(store.find(kId));
}

/// Tracks of the first row whose name is `name`.
inline std::vector<std::uint32_t> tracks_of(const Profile& profile, const std::string& name) {
  for (const Json& row : profile.description().at("rows"))
    if (row.at("name") == name) return row.at("tracks").get<std::vector<std::uint32_t>>();
  return {};
}

inline fs::path only_segment(const fs::path& directory) {
  for (const auto& entry : fs::directory_iterator(directory))
    if (entry.path().extension() == ".segment") return entry.path();
  return {};
}

}  // namespace neuron::view

// SPDX-License-Identifier: Apache-2.0
#include "view/sessions.h"

#include "synthetic.h"
#include "tests/catch.h"
#include "view/store.h"

namespace neuron::view {

TEST_CASE("names sort by their numbers") {
  CHECK(natural_less("profile_rank_2", "profile_rank_10"));
  CHECK_FALSE(natural_less("profile_rank_10", "profile_rank_2"));
  CHECK(natural_less("a", "b1"));
  CHECK_FALSE(natural_less("a1", "a1"));
}

TEST_CASE("a directory without traces is named") {
  const TemporaryDirectory directory;
  const auto none = sessions_in(directory.path, {});
  REQUIRE_FALSE(none);
  CHECK(none.error().code == Code::NotFound);
  CHECK(none.error().message.find("holds no trace") != std::string::npos);
}

TEST_CASE("profiles have tags, stand in groups, and go with all that is theirs") {
  const TemporaryDirectory directory;
  auto store = REQUIRE_OK(Store::open(directory.path));
  const Timeline timeline = synthetic_timeline(100);
  const std::string a = "n_" + std::string(40, 'a'), b = "n_" + std::string(40, 'b');
  for (const std::string& id : {a, b})
    REQUIRE_OK(store.put(id, id, timeline, metrics_of(timeline), false));
  REQUIRE_OK(store.set_tags(a, {"nightly", "trn2"}));
  const std::string group = REQUIRE_OK(store.put_group("run", {{a, "Rank 0"}, {b, "Rank 1"}}));
  CHECK(group.starts_with("p_"));
  for (const ProfileEntry& entry : REQUIRE_OK(store.list()))
    CHECK(entry.tags.size() == (entry.id == a ? 2u : 0u));
  CHECK(REQUIRE_OK(store.group(group)).members.size() == 2);
  REQUIRE_OK(store.save_markers(a, "set", {{5, "here"}}));
  REQUIRE_OK(store.remove(a));
  CHECK_FALSE(store.find(a));
  CHECK(REQUIRE_OK(store.group(group)).members.size() == 1);
  CHECK(REQUIRE_OK(store.marker_sets(a)).empty());
  REQUIRE_OK(store.remove(b));
  CHECK_FALSE(store.group(group));
  for (const auto& file : fs::directory_iterator(directory.path))
    CHECK(file.path().extension() != ".segment");
}

}  // namespace neuron::view

// SPDX-License-Identifier: Apache-2.0
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <fstream>
#include <thread>

#include "tests/unit/view/stored.h"

using namespace neuron;
using namespace neuron::view;

namespace {

void damage(const fs::path& path, std::streamoff at) {
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  file.seekg(at);
  const int byte = file.get();
  file.seekp(at);
  file.put(static_cast<char>(byte ^ 0x5a));
}

}  // namespace

TEST_CASE("a stored profile is listed and found again by another opening") {
  TemporaryDirectory dir;
  const Timeline timeline = synthetic_timeline(500);
  stored(dir.path, timeline);
  auto store = REQUIRE_OK(Store::open(dir.path));
  const auto list = REQUIRE_OK(store.list());
  REQUIRE(list.size() == 1);
  CHECK(list[0].id == kId);
  CHECK(list[0].display_name == "digits");
  CHECK(list[0].instructions == 500);
  CHECK(list[0].packets == 250);
  CHECK(list[0].total_ps == timeline.total_ps);
  CHECK(list[0].bytes == fs::file_size(only_segment(dir.path)));
  const auto profile = REQUIRE_OK(store.find(kId));
  CHECK(profile->description().at("neff_name") == "graph.neff");
  CHECK(profile->description().at("summary").at(1).at("value") == 7);
}

TEST_CASE("rows stand in the order of the profile guide") {
  TemporaryDirectory dir;
  const auto profile = stored(dir.path, synthetic_timeline(500));
  std::vector<std::string> names;
  for (const Json& row : profile->description().at("rows")) names.push_back(row.at("name"));
  CHECK(names == std::vector<std::string>{"qSyncIO0", "qSyncWeight0", "VectorE", "TensorMatrixE",
                                          "TensorE", "SyncE", "ScalarE", "GpSimdE", "Throttling",
                                          "Sem 3"});
  std::vector<std::string> counters;
  for (const Json& row : profile->description().at("counters")) counters.push_back(row.at("name"));
  CHECK(counters == std::vector<std::string>{"Pending DMA Count", "DMA Throughput",
                                             "TensorMatrix Utilization"});
}

TEST_CASE("a profile that is there is kept unless force says otherwise") {
  TemporaryDirectory dir;
  auto store = REQUIRE_OK(Store::open(dir.path));
  REQUIRE(REQUIRE_OK(store.put(kId, "first", synthetic_timeline(50), {}, false)));
  CHECK_FALSE(REQUIRE_OK(store.put(kId, "second", synthetic_timeline(60), {}, false)));
  CHECK(REQUIRE_OK(store.list())[0].display_name == "first");
  const auto old = REQUIRE_OK(store.find(kId));
  REQUIRE(REQUIRE_OK(store.put(kId, "second", synthetic_timeline(60), {}, true)));
  CHECK(REQUIRE_OK(store.list()).size() == 1);
  CHECK(REQUIRE_OK(store.list())[0].instructions == 60);
  CHECK(REQUIRE_OK(old->event(0, 0)).at("kind") == "queue");  // a reader goes on in the old one
}

TEST_CASE("the same timeline is always stored in the same bytes") {
  // Large enough that threads take turns in another order each time.
  const Timeline timeline = synthetic_timeline(60'000);
  Bytes first;
  for (int i = 0; i < 4; ++i) {
    TemporaryDirectory dir;
    stored(dir.path, timeline);
    const Bytes bytes = REQUIRE_OK(read_file(only_segment(dir.path)));
    if (i == 0) first = bytes;
    CHECK(bytes == first);
  }
}

TEST_CASE("what a killed writer left is gone after the next one") {
  TemporaryDirectory dir;
  std::ofstream(dir.path / (kId + "-0.segment")) << "half";
  std::ofstream(dir.path / (kId + "-1.segment.Ab12Cd")) << "less";
  stored(dir.path, synthetic_timeline(50));
  int segments = 0;
  for (const auto& entry : fs::directory_iterator(dir.path))
    segments += entry.path().filename().string().rfind(kId, 0) == 0;
  CHECK(segments == 1);
  auto store = REQUIRE_OK(Store::open(dir.path));
  CHECK(store.find(kId));
}

TEST_CASE("an id that is no digest is refused") {
  TemporaryDirectory dir;
  auto store = REQUIRE_OK(Store::open(dir.path));
  for (const char* id : {"", "n_12", "../n_0123456789abcdef0123456789abcdef01234567",
                         "n_0123456789ABCDEF0123456789abcdef01234567"}) {
    const auto put = store.put(id, "", synthetic_timeline(5), {}, false);
    REQUIRE(!put);
    CHECK(put.error().code == Code::BadUsage);
    CHECK_FALSE(store.find(id));
  }
}

TEST_CASE("marker sets are kept by name") {
  TemporaryDirectory dir;
  stored(dir.path, synthetic_timeline(50));
  auto store = REQUIRE_OK(Store::open(dir.path));
  REQUIRE_OK(store.save_markers(kId, "mine", {{5000, "begin"}, {2000, "it's"}}));
  REQUIRE_OK(store.save_markers(kId, "mine", {{7000, "only"}}));
  REQUIRE_OK(store.save_markers(kId, "other", {{1, "a"}, {2, "b"}}));
  CHECK(REQUIRE_OK(store.marker_sets(kId)) == std::vector<std::string>{"mine", "other"});
  const auto markers = REQUIRE_OK(store.markers(kId, "mine"));
  REQUIRE(markers.size() == 1);
  CHECK(markers[0].at_ps == 7000);
  CHECK(markers[0].name == "only");
}

TEST_CASE("a damaged catalogue says so and how to go on") {
  TemporaryDirectory dir;
  std::ofstream(dir.path / "catalogue.db") << "this is not a database, but long enough to be one "
                                              "in the eyes of a reader that only looks at sizes";
  const auto store = Store::open(dir.path);
  REQUIRE(!store);
  CHECK(store.error().code == Code::Malformed);
  CHECK(store.error().message.find("catalogue.db") != std::string::npos);
  CHECK(store.error().message.find("move it away") != std::string::npos);
}

TEST_CASE("a damaged or cut segment is an error and never a crash") {
  const Timeline timeline = synthetic_timeline(3000);
  TemporaryDirectory dir;
  stored(dir.path, timeline);
  const fs::path good = only_segment(dir.path);
  const auto size = static_cast<std::streamoff>(fs::file_size(good));
  const auto find = [&] { return REQUIRE_OK(Store::open(dir.path)).find(kId); };
  int refused = 0;
  for (int i = 0; i < 64; ++i) {
    const std::streamoff at = size * i / 64;
    damage(good, at);
    bool ok = true;
    if (auto profile = find()) {
      ok = bool((*profile)->query({0, timeline.total_ps, 700}, {})) && ok;
      ok = bool((*profile)->search({{"any", "op3"}}, 5)) && ok;
      for (const std::uint32_t width : {700u, 60'000u})  // means of many steps, and the steps
        ok = bool((*profile)->counter(0, {0, timeline.total_ps, width})) && ok;
      for (std::uint32_t track = 0; track < 20; ++track)
        ok = bool((*profile)->event(track, 3)) && ok;
    } else {
      ok = false;
    }
    refused += !ok;
    damage(good, at);  // the same byte flips back
  }
  CHECK(refused > 32);  // the others lie in blocks that were not asked for
  REQUIRE(find());
  fs::resize_file(good, fs::file_size(good) / 2);
  const auto cut = find();
  REQUIRE(!cut);
  CHECK(cut.error().message.find("--force") != std::string::npos);
}

TEST_CASE("two writers take turns and both profiles are there") {
  TemporaryDirectory dir;
  const Timeline timeline = synthetic_timeline(2000);
  REQUIRE_OK(Store::open(dir.path));
  const auto write = [&](char digit) {
    auto store = Store::open(dir.path);
    for (int i = 0; store && i < 4; ++i)
      (void)store->put("n_" + std::string(39, digit) + std::to_string(i), "x", timeline, {}, false);
  };
  std::thread other(write, 'a');
  write('b');
  other.join();
  auto store = REQUIRE_OK(Store::open(dir.path));
  CHECK(REQUIRE_OK(store.list()).size() == 8);
}

namespace {

/// A process that stores profiles until it is done or killed.
template <class Work>
pid_t in_another_process(Work work) {
  const pid_t process = ::fork();
  if (process == 0) ::_exit(work() ? 0 : 1);
  return process;
}
bool has_profile(const Store& store, const std::string& id) {
  for (const ProfileEntry& entry : REQUIRE_OK(store.list()))
    if (entry.id == id) return true;
  return false;
}

}  // namespace

TEST_CASE("an ingest that is killed leaves the store whole and its profile marked unfinished") {
  TemporaryDirectory dir;
  const std::string other = "n_" + std::string(40, 'c');
  stored(dir.path, synthetic_timeline(500));
  const Timeline large = synthetic_timeline(400'000);
  auto store = REQUIRE_OK(Store::open(dir.path));
  const pid_t writer = in_another_process([&] {
    auto own = Store::open(dir.path);
    return own && own->put(other, "large", large, {}, false);
  });
  for (int i = 0; i < 2000 && !has_profile(store, other); ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  ::kill(writer, SIGKILL);
  int status = 0;
  ::waitpid(writer, &status, 0);
  REQUIRE(WIFSIGNALED(status));  // it was not through
  for (const ProfileEntry& entry : REQUIRE_OK(store.list()))
    CHECK(entry.is_finished == (entry.id == kId));
  CHECK_FALSE(store.is_being_written());
  CHECK(store.find(other).error().message ==
        "profile " + other + " is not finished; its writer died, view its trace again");
  CHECK(store.find(kId));
  REQUIRE(REQUIRE_OK(store.put(other, "large", synthetic_timeline(50), {}, false)));
  CHECK(REQUIRE_OK(store.list()).size() == 2);
  CHECK(store.find(other));
}

TEST_CASE("several viewers read while another process ingests") {
  TemporaryDirectory dir;
  const Timeline timeline = synthetic_timeline(20'000);
  stored(dir.path, timeline);
  const pid_t writer = in_another_process([&] {
    auto own = Store::open(dir.path);
    bool is_well = static_cast<bool>(own);
    for (int i = 0; is_well && i < 6; ++i)
      is_well = static_cast<bool>(
          own->put("n_" + std::string(39, 'd') + std::to_string(i), "x", timeline, {}, false));
    return is_well;
  });
  std::atomic<int> answers{0}, failures{0};
  const auto view = [&] {
    const auto store = Store::open(dir.path);
    for (int i = 0; store && i < 40; ++i) {
      const auto profile = store->find(kId);
      const auto listed = store->list();
      const bool is_well =
          profile && listed && (*profile)->query({0, timeline.total_ps / (1 + i % 7), 800}, {});
      ++(is_well ? answers : failures);
    }
  };
  std::vector<std::thread> viewers;
  for (int i = 0; i < 4; ++i) viewers.emplace_back(view);
  for (std::thread& viewer : viewers) viewer.join();
  int status = 1;
  ::waitpid(writer, &status, 0);
  CHECK(status == 0);
  CHECK(answers == 160);
  CHECK(failures == 0);
  CHECK(REQUIRE_OK(REQUIRE_OK(Store::open(dir.path)).list()).size() == 7);
}

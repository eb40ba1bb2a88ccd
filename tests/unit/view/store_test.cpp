// SPDX-License-Identifier: Apache-2.0
#include "view/store.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <fstream>
#include <thread>

#include "tests/catch.h"
#include "tests/unit/view/synthetic.h"
#include "view/store/dependencies.h"

using namespace neuron;
using namespace neuron::view;

namespace {

const std::string kId = "n_0123456789abcdef0123456789abcdef01234567";

std::vector<Metric> some_metrics() {
  return {{"overall_stats", "total_time", "s", "", 0.001},
          {"tensor_engine", "matmul_instruction_count", "count", "", std::uint64_t{7}}};
}

std::shared_ptr<const Profile> stored(const fs::path& directory, const Timeline& timeline) {
  auto store = REQUIRE_OK(Store::open(directory));
  REQUIRE(REQUIRE_OK(store.put(kId, "digits", timeline, some_metrics(), false)));
  return REQUIRE_OK(store.find(kId));
}

/// Tracks of the first row whose name is `name`.
std::vector<std::uint32_t> tracks_of(const Profile& profile, const std::string& name) {
  for (const Json& row : profile.description().at("rows"))
    if (row.at("name") == name) return row.at("tracks").get<std::vector<std::uint32_t>>();
  return {};
}

std::int64_t covered(const std::vector<TrackSpans>& tracks) {
  std::int64_t sum = 0;
  for (const auto& track : tracks)
    for (const auto& span : track.spans) sum += span.covered_ps;
  return sum;
}

void damage(const fs::path& path, std::streamoff at) {
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  file.seekg(at);
  const int byte = file.get();
  file.seekp(at);
  file.put(static_cast<char>(byte ^ 0x5a));
}

fs::path only_segment(const fs::path& directory) {
  for (const auto& entry : fs::directory_iterator(directory))
    if (entry.path().extension() == ".segment") return entry.path();
  return {};
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

TEST_CASE("a small window gives each event as it was") {
  TemporaryDirectory dir;
  const Timeline timeline = synthetic_timeline(2000);
  const auto profile = stored(dir.path, timeline);
  const Window window{timeline.total_ps / 2, timeline.total_ps / 2 + 2'000'000, 800};
  std::size_t expected = 0, found = 0;
  for (const auto& e : timeline.instructions)
    expected += e.end_ps >= window.begin_ps && e.begin_ps <= window.end_ps;
  for (const char* row : {"VectorE", "TensorMatrixE", "TensorE", "SyncE", "ScalarE", "GpSimdE"})
    for (const auto& track : REQUIRE_OK(profile->query(window, tracks_of(*profile, row)))) {
      CHECK(track.is_exact);
      for (const Span& span : track.spans) {
        const Instruction& e = timeline.instructions.at(span.index);
        CHECK(span.begin_ps == e.begin_ps);
        CHECK(span.end_ps == e.end_ps);
        CHECK(span.color == e.opcode);
        CHECK(span.layer == e.layer.value);
        ++found;
      }
    }
  CHECK(found == expected);
}

TEST_CASE("events that overlap are stacked on lanes of their own") {
  TemporaryDirectory dir;
  const Timeline timeline = synthetic_timeline(2000);
  const auto profile = stored(dir.path, timeline);
  const auto tracks = tracks_of(*profile, "qSyncIO0");
  CHECK(tracks.size() > 1);
  for (const auto& track :
       REQUIRE_OK(profile->query({0, timeline.total_ps + 1'000'000, 4000}, tracks)))
    for (std::size_t i = 1; i < track.spans.size(); ++i)
      CHECK(track.spans[i - 1].end_ps <= track.spans[i].begin_ps);
}

TEST_CASE("every level of detail covers the same time and counts the same events") {
  TemporaryDirectory dir;
  const Timeline timeline = synthetic_timeline(60'000);
  const auto profile = stored(dir.path, timeline);
  std::int64_t expected = 0;
  std::uint64_t events = 0;
  for (const auto& e : timeline.instructions)
    if (e.engine == 3) {
      expected += e.end_ps - e.begin_ps;
      ++events;
    }
  const auto tracks = tracks_of(*profile, "VectorE");
  for (const std::uint32_t width : {100u, 1000u, 4000u}) {
    const auto answer = REQUIRE_OK(profile->query({0, timeline.total_ps, width}, tracks));
    CHECK(static_cast<double>(covered(answer)) ==
          Approx(static_cast<double>(expected)).epsilon(0.01));
    std::uint64_t counted = 0;
    for (const auto& track : answer) {
      CHECK_FALSE(track.is_exact);
      CHECK(track.spans.size() <= 3 * width);
      for (const Span& span : track.spans) counted += span.count;
    }
    CHECK(counted == events);
  }
}

TEST_CASE("events before the window's zero are kept") {
  TemporaryDirectory dir;
  Timeline timeline = synthetic_timeline(20'000);
  for (auto& e : timeline.instructions) {
    e.begin_ps -= timeline.total_ps / 2;
    e.end_ps -= timeline.total_ps / 2;
  }
  const auto profile = stored(dir.path, timeline);
  CHECK(profile->description().at("begin_ps") == timeline.instructions[0].begin_ps);
  const auto answer = REQUIRE_OK(
      profile->query({-timeline.total_ps, timeline.total_ps, 500}, tracks_of(*profile, "SyncE")));
  REQUIRE(!answer.empty());
  CHECK(answer[0].spans.front().begin_ps < 0);
}

TEST_CASE("an event tells all its fields") {
  TemporaryDirectory dir;
  const Timeline timeline = synthetic_timeline(40'000);
  const auto profile = stored(dir.path, timeline);
  const auto track = tracks_of(*profile, "VectorE")[0];
  const std::uint32_t index = 31'000;
  const Json event = REQUIRE_OK(profile->event(track, index));
  CHECK(event.at("groups").at(0).at("name") == "Timing");
  CHECK(event.at("groups").at(0).at("fields").at(0).at("value") ==
        timeline.instructions[index].begin_ps);
  const std::string all = event.dump();
  CHECK(all.find(timeline.text(timeline.instructions[index].operands)) != std::string::npos);
  CHECK(all.find(timeline.text(timeline.instructions[index].layer)) != std::string::npos);
  const std::int64_t ps = timeline.instructions[index].begin_ps;
  CHECK(event.at("groups").at(0).at("fields").at(0).at("text") ==
        fmt::format("{},{:03}{} ns", ps / 1'000'000, ps / 1000 % 1000,
                    ps % 1000 ? fmt::format("{}", ps % 1000 / 1000.0).substr(1) : ""));
  CHECK(profile->event(track, 40'000).error().code == Code::NotFound);
  CHECK(profile->event(9999, 0).error().code == Code::NotFound);
}

TEST_CASE("operands tell what is waited for and what is raised") {
  const SyncText both = parse_sync("S[8] (qSyncIO0)>=16 S[5] (Tensor)++@complete src=fp32@0x20[1]");
  CHECK(both.waits_for == 8);
  CHECK(both.at_least == 16);
  CHECK(both.owner == "qSyncIO0");
  CHECK(both.raises == 5);
  CHECK(parse_sync("S[3]==2").waits_for == 3);
  CHECK(parse_sync("IDENTITY bias_ptr=fp32@0x28490").waits_for == -1);
  for (const char* odd : {"S[", "S[x]>=1", "S[1", "S[1] (", "S[1]>=", "S[99999999999999999999]>=1"})
    CHECK(parse_sync(odd).waits_for == -1);
}

TEST_CASE("an instruction names the event it waited for and those that waited for it") {
  TemporaryDirectory dir;
  Timeline t;
  t.cores.push_back({"sg00", 0, 0, {}, 0, 0});
  t.total_ps = 1'000'000;
  t.texts = {"", "S[5] (Tensor)++@complete", "S[5] (Tensor)>=2 S[6]++@complete", "S[6]>=1",
             "S[9] (qSyncIO0)>=16"};
  const auto add = [&](std::int64_t begin, std::int64_t end, int engine, std::uint32_t operands) {
    Instruction e;
    e.begin_ps = begin;
    e.end_ps = end;
    e.engine = static_cast<std::uint8_t>(engine);
    e.opcode = engine == 0 ? 0x02 : 0x46;
    e.operands.value = operands;
    t.instructions.push_back(e);
  };
  add(100'000, 200'000, 0, 1);
  add(200'000, 300'000, 0, 1);
  add(300'000, 400'000, 0, 1);
  add(335'000, 450'000, 3, 2);
  add(480'000, 500'000, 1, 3);
  add(520'000, 600'000, 1, 4);
  t.semaphores = {{210'000, 1, 5, 0},
                  {312'000, 2, 5, 0},
                  {412'000, 3, 5, 0},
                  {460'000, 1, 6, 0},
                  {510'000, 16, 9, 0}};
  t.rings.push_back({3, 1, 0, QueueType::Static, "qSyncIO0"});
  for (const std::int64_t end : {300'000, 505'000, 700'000}) {
    DmaPacket packet;
    packet.begin_ps = end - 50'000;
    packet.end_ps = end;
    packet.engine = 3;
    packet.ring = 1;
    t.packets.push_back(packet);
  }
  const auto profile = stored(dir.path, t);
  const auto of = [&](const char* row, std::uint32_t index) {
    return REQUIRE_OK(profile->event(tracks_of(*profile, row)[0], index)).at("dependencies");
  };
  const Json copy = of("VectorE", 3);
  REQUIRE(copy.size() == 2);
  CHECK(copy.at(0).at("direction") == "before");
  CHECK(copy.at(0).at("index") == 1);
  CHECK(copy.at(0).at("label") == "MATMUL");
  CHECK(copy.at(0).at("row") == "TensorMatrixE");
  CHECK(copy.at(0).at("at_ps") == 312'000);
  CHECK(copy.at(1).at("direction") == "after");
  CHECK(copy.at(1).at("index") == 4);
  CHECK(of("TensorMatrixE", 1).at(0).at("index") == 3);
  CHECK(of("TensorMatrixE", 2) == Json::array());
  const Json input = of("ScalarE", 5);
  REQUIRE(input.size() == 1);
  CHECK(input.at(0).at("row") == "qSyncIO0");
  CHECK(input.at(0).at("index") == 1);
}

TEST_CASE("counters add up to the bytes that were moved") {
  TemporaryDirectory dir;
  const Timeline timeline = synthetic_timeline(3000);
  const auto profile = stored(dir.path, timeline);
  double bytes = 0;
  for (const auto& p : timeline.packets) bytes += p.bytes;
  for (const std::uint32_t width : {10u, 300u, 5000u}) {
    const auto series = REQUIRE_OK(profile->counter(1, {0, timeline.total_ps, width}));
    double sum = 0;
    for (const float mean : series.mean) sum += mean * static_cast<double>(series.step_ps) / 1e12;
    CHECK(sum == Approx(bytes).epsilon(0.01));
    CHECK(series.mean.size() <= 2 * width + 2);
  }
}

TEST_CASE("a search finds instructions by opcode, name and layer") {
  TemporaryDirectory dir;
  const Timeline timeline = synthetic_timeline(3000);
  const auto profile = stored(dir.path, timeline);
  std::uint64_t matmuls = 0;
  for (const auto& e : timeline.instructions) matmuls += e.opcode == 0x02;
  const auto found = REQUIRE_OK(profile->search({{"opcode", "matmul"}}, 10));
  CHECK(found.count == matmuls);
  REQUIRE(found.hits.size() == 10);
  CHECK(timeline.instructions[found.hits[3].index].opcode == 0x02);
  CHECK(found.hits[3].begin_ps == timeline.instructions[found.hits[3].index].begin_ps);
  CHECK(REQUIRE_OK(profile->search({{"name", "I-2999"}}, 10)).count == 1);
  CHECK(REQUIRE_OK(profile->search({{"any", "BLOCK0/OP1"}}, 10)).count == 250);
  CHECK(profile->search({{"colour", "x"}}, 10).error().code == Code::BadUsage);
}

TEST_CASE("a search of several fields finds what all of them accept") {
  TemporaryDirectory dir;
  const Timeline timeline = synthetic_timeline(3000);
  const auto profile = stored(dir.path, timeline);
  std::uint64_t both = 0;
  for (const auto& e : timeline.instructions)
    both += e.opcode == 0x02 && timeline.text(e.layer).find("block0") != std::string::npos;
  REQUIRE(both > 0);
  const auto found = REQUIRE_OK(profile->search({{"opcode", "matmul"}, {"layer", "block0"}}, 5));
  CHECK(found.count == both);
  CHECK(found.count < REQUIRE_OK(profile->search({{"opcode", "matmul"}}, 5)).count);
  CHECK(REQUIRE_OK(profile->search({{"name", "I-29"}, {"name", "^I-2999$", true}}, 5)).count == 1);
  CHECK(profile->search({{"opcode", "x"}, {"variable", "x"}}, 5).error().code == Code::BadUsage);
  CHECK(profile->search({}, 5).error().code == Code::BadUsage);
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
      ok = bool((*profile)->counter(0, {0, timeline.total_ps, 700})) && ok;
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

// Not part of a normal run: test_view "[bench]" prints what the README reports.
TEST_CASE("ten million events: write, open and ask", "[.][bench]") {
  const char* given = std::getenv("NEURON_BENCH_EVENTS");
  const std::size_t events = given ? std::stoul(given) : 10'000'000;
  TemporaryDirectory dir;
  const Timeline timeline = synthetic_timeline(events / 3 * 2);
  const auto now = [] { return std::chrono::steady_clock::now(); };
  const auto ms = [](auto from, auto to) {
    return std::chrono::duration<double, std::milli>(to - from).count();
  };
  auto store = REQUIRE_OK(Store::open(dir.path));
  auto start = now();
  REQUIRE_OK(store.put(kId, "bench", timeline, {}, false));
  const double write_ms = ms(start, now());
  const double total = static_cast<double>(timeline.instructions.size() + timeline.packets.size());
  fmt::print("write {:.0f} events: {:.0f} ms, {:.2f} M/s, {:.1f} B each\n", total, write_ms,
             total / write_ms / 1000,
             static_cast<double>(fs::file_size(only_segment(dir.path))) / total);
  start = now();
  const auto profile = REQUIRE_OK(store.find(kId));
  fmt::print("open: {:.2f} ms\n", ms(start, now()));
  for (const std::int64_t part : {1, 1, 10, 10, 100, 100, 10'000, 10'000}) {
    const std::int64_t length = timeline.total_ps / part;
    start = now();
    const auto answer =
        REQUIRE_OK(profile->query({timeline.total_ps / 3 - (part == 1 ? timeline.total_ps / 3 : 0),
                                   timeline.total_ps / 3 + length, 1600},
                                  {}));
    std::size_t spans = 0;
    for (const auto& track : answer) spans += track.spans.size();
    fmt::print("window 1/{}: {:.2f} ms, {} spans\n", part, ms(start, now()), spans);
  }
}

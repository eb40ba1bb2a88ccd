// SPDX-License-Identifier: Apache-2.0
#include <chrono>

#include "tests/unit/view/stored.h"
#include "view/store/dependencies.h"

using namespace neuron;
using namespace neuron::view;

namespace {

std::int64_t covered(const std::vector<TrackSpans>& tracks) {
  std::int64_t sum = 0;
  for (const auto& track : tracks)
    for (const auto& span : track.spans) sum += span.covered_ps;
  return sum;
}

}  // namespace

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
        CHECK(span.color == e->opcode);
        CHECK(span.layer == e->layer.value);
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
    if (e->engine == 3) {
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
  CHECK(all.find(timeline.text(timeline.instructions[index]->operands)) != std::string::npos);
  CHECK(all.find(timeline.text(timeline.instructions[index]->layer)) != std::string::npos);
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
    Step step;
    step.engine = static_cast<std::uint8_t>(engine);
    step.opcode = engine == 0 ? 0x02 : 0x46;
    step.operands.value = operands;
    Instruction e;
    e.begin_ps = begin;
    e.end_ps = end;
    e.step = t.add_step(step);
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
  for (const auto& e : timeline.instructions) matmuls += e->opcode == 0x02;
  const auto found = REQUIRE_OK(profile->search({{"opcode", "matmul"}}, 10));
  CHECK(found.count == matmuls);
  REQUIRE(found.hits.size() == 10);
  CHECK(timeline.instructions[found.hits[3].index]->opcode == 0x02);
  CHECK(found.hits[3].begin_ps == timeline.instructions[found.hits[3].index].begin_ps);
  CHECK(REQUIRE_OK(profile->search({{"name", "I-2999"}}, 10)).count == 1);
  CHECK(REQUIRE_OK(profile->search({{"any", "BLOCK0/OP1"}}, 10)).count == 250);
  CHECK(profile->search({{"colour", "x"}}, 10).error().code == Code::BadUsage);
}

TEST_CASE("a search in a window finds what lies in it, the narrow as one") {
  TemporaryDirectory dir;
  const Timeline timeline = synthetic_timeline(3000);
  const auto profile = stored(dir.path, timeline);
  const auto all = REQUIRE_OK(profile->search({{"name", "I-"}}, 10'000));
  REQUIRE(all.hits.size() == 3000);
  const Window half{timeline.total_ps / 2, timeline.total_ps, 1 << 20};
  const auto near = REQUIRE_OK(profile->search({{"name", "I-"}}, 10'000, half));
  CHECK(near.count == 3000);
  std::size_t inside = 0;
  for (const SearchHit& hit : all.hits)
    inside += hit.begin_ps < half.end_ps && hit.end_ps > half.begin_ps;
  CHECK(near.hits.size() == inside);

  const Window whole{0, timeline.total_ps, 100};
  const auto marks = REQUIRE_OK(profile->search({{"name", "I-"}}, 10'000, whole));
  CHECK(marks.hits.size() < 2 * 100 * 6);  // two a pixel at most on each of six tracks
  std::size_t unmarked = 0;
  for (const SearchHit& hit : all.hits)
    unmarked += std::none_of(marks.hits.begin(), marks.hits.end(), [&](const SearchHit& mark) {
      return mark.track == hit.track && mark.begin_ps <= hit.begin_ps && mark.end_ps >= hit.end_ps;
    });
  CHECK(unmarked == 0);
}

TEST_CASE("a search of several fields finds what all of them accept") {
  TemporaryDirectory dir;
  const Timeline timeline = synthetic_timeline(3000);
  const auto profile = stored(dir.path, timeline);
  std::uint64_t both = 0;
  for (const auto& e : timeline.instructions)
    both += e->opcode == 0x02 && timeline.text(e->layer).find("block0") != std::string::npos;
  REQUIRE(both > 0);
  const auto found = REQUIRE_OK(profile->search({{"opcode", "matmul"}, {"layer", "block0"}}, 5));
  CHECK(found.count == both);
  CHECK(found.count < REQUIRE_OK(profile->search({{"opcode", "matmul"}}, 5)).count);
  CHECK(REQUIRE_OK(profile->search({{"name", "I-29"}, {"name", "^I-2999$", true}}, 5)).count == 1);
  CHECK(profile->search({{"opcode", "x"}, {"variable", "x"}}, 5).error().code == Code::BadUsage);
  CHECK(profile->search({}, 5).error().code == Code::BadUsage);
}

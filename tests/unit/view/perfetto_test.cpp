// SPDX-License-Identifier: Apache-2.0
// Reads what we write for Perfetto back with the field numbers of its published schema, and holds
// it to what its documentation asks of a trace: no writer's helper is used here.
#include "view/formats/perfetto.h"

#include <map>
#include <optional>
#include <set>

#include "official.h"
#include "sample.h"
#include "view/formats/lanes.h"

namespace neuron::view {
namespace {

/// One field of a message: a number, or the bytes of anything else.
struct Part {
  unsigned number = 0, wire = 0;
  std::uint64_t value = 0;
  std::string_view bytes;
};

std::vector<Part> parts_of(std::string_view message) {
  std::vector<Part> parts;
  std::size_t at = 0;
  const auto varint = [&] {
    std::uint64_t value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      REQUIRE(at < message.size());
      const auto byte = static_cast<unsigned char>(message[at++]);
      value |= std::uint64_t{byte & 0x7fu} << shift;
      if (byte < 0x80) return value;
    }
    FAIL("a varint of more than ten bytes");
    return value;
  };
  while (at < message.size()) {
    const std::uint64_t key = varint();
    Part part{static_cast<unsigned>(key >> 3), static_cast<unsigned>(key & 7), 0, {}};
    if (part.wire == 0) {
      part.value = varint();
    } else {
      REQUIRE((part.wire == 1 || part.wire == 2));
      const std::uint64_t size = part.wire == 1 ? 8 : varint();
      REQUIRE(size <= message.size() - at);
      part.bytes = message.substr(at, size);
      at += size;
    }
    parts.push_back(part);
  }
  return parts;
}

std::optional<Part> find(const std::vector<Part>& parts, unsigned number) {
  for (const Part& part : parts)
    if (part.number == number) return part;
  return std::nullopt;
}

struct Slice {
  std::string name;
  std::uint64_t begin_ns = 0, end_ns = 0;
  std::map<std::string, std::string> notes;  ///< numbers as text
};
struct ReadTrack {
  std::string name;
  std::uint64_t parent = 0;
  bool is_counter = false, is_process = false;
  std::vector<Slice> slices;
  std::vector<Slice> instants;
  std::vector<std::pair<std::uint64_t, double>> values;
  std::optional<Slice> open;
  std::uint64_t last_ns = 0;
};

/// A reader of one sequence with incremental state, that fails the test at every broken rule.
struct PerfettoReader {
  std::map<std::uint64_t, ReadTrack> tracks;
  std::map<unsigned, std::map<std::uint64_t, std::string>> interned;
  std::size_t packets = 0;

  explicit PerfettoReader(std::string_view trace) {
    for (const Part& part : parts_of(trace)) {
      REQUIRE(part.number == 1);  // Trace.packet
      read_packet(parts_of(part.bytes));
      ++packets;
    }
    for (const auto& [uuid, track] : tracks) {
      INFO(track.name);
      CHECK_FALSE(track.open);
    }
  }

  void read_packet(const std::vector<Part>& packet) {
    const auto sequence = find(packet, 10), flags = find(packet, 13);
    REQUIRE(sequence);
    REQUIRE(sequence->value == 1);
    REQUIRE(flags);
    CHECK(flags->value == (packets == 0 ? 3 : 2));  // cleared once, then needed
    CHECK(find(packet, 87).has_value() == (packets == 0));
    if (auto state = find(packet, 12)) read_interned(parts_of(state->bytes));
    if (auto descriptor = find(packet, 60)) read_descriptor(parts_of(descriptor->bytes));
    if (auto event = find(packet, 11)) {
      REQUIRE(find(packet, 8));
      read_event(find(packet, 8)->value, parts_of(event->bytes));
    }
  }
  void read_interned(const std::vector<Part>& state) {
    for (const Part& entry : state) {
      const auto fields = parts_of(entry.bytes);
      const auto iid = find(fields, 1);
      REQUIRE(iid);
      CHECK(iid->value != 0);
      const bool is_new = interned[entry.number].emplace(iid->value, find(fields, 2)->bytes).second;
      CHECK(is_new);
    }
  }
  void read_descriptor(const std::vector<Part>& fields) {
    const auto uuid = find(fields, 1);
    REQUIRE(uuid);
    REQUIRE(uuid->value != 0);
    REQUIRE(tracks.count(uuid->value) == 0);
    ReadTrack& track = tracks[uuid->value];
    track.name = find(fields, 2)->bytes;
    track.is_process = find(fields, 3).has_value();
    track.is_counter = find(fields, 8).has_value();
    if (auto parent = find(fields, 5)) {
      REQUIRE(tracks.count(parent->value) == 1);  // announced before
      track.parent = parent->value;
    } else {
      CHECK(track.is_process);
    }
  }
  std::string text_of_kind(unsigned kind, std::uint64_t iid) {
    REQUIRE(interned[kind].count(iid) == 1);  // interned before its first use
    return interned[kind][iid];
  }
  Slice slice_of(std::uint64_t time, const std::vector<Part>& event) {
    Slice slice{text_of_kind(2, find(event, 10)->value), time, time, {}};
    for (const Part& part : event) {
      if (part.number != 4) continue;
      const auto note = parts_of(part.bytes);
      const std::string name = text_of_kind(3, find(note, 1)->value);
      if (auto number = find(note, 4))
        slice.notes[name] = std::to_string(static_cast<std::int64_t>(number->value));
      else
        slice.notes[name] = text_of_kind(29, find(note, 17)->value);
    }
    return slice;
  }
  void read_event(std::uint64_t time, const std::vector<Part>& event) {
    REQUIRE(find(event, 11));
    REQUIRE(tracks.count(find(event, 11)->value) == 1);
    ReadTrack& track = tracks[find(event, 11)->value];
    INFO(track.name);
    REQUIRE_FALSE(track.is_process);
    CHECK(time >= track.last_ns);
    track.last_ns = time;
    const std::uint64_t type = find(event, 9)->value;
    CHECK(track.is_counter == (type == 4));
    if (type == 1) {
      CHECK_FALSE(track.open);  // rows hold no slice inside another
      track.open = slice_of(time, event);
    } else if (type == 2) {
      REQUIRE(track.open);
      track.open->end_ns = time;
      track.slices.push_back(*track.open);
      track.open.reset();
    } else if (type == 3) {
      track.instants.push_back(slice_of(time, event));
    } else {
      REQUIRE(type == 4);
      double value;
      REQUIRE(find(event, 44)->bytes.size() == sizeof value);
      std::memcpy(&value, find(event, 44)->bytes.data(), sizeof value);
      track.values.emplace_back(time, value);
    }
  }
  const ReadTrack& named(const std::string& name) const {
    for (const auto& [uuid, track] : tracks)
      if (track.name == name) return track;
    FAIL("no track " << name);
    return tracks.begin()->second;
  }
};

std::string written(const Timeline& timeline, std::size_t* largest = nullptr) {
  std::string text;
  REQUIRE_OK(write_perfetto(timeline, [&](ByteView part) -> Result<> {
    if (largest) *largest = std::max(*largest, part.size());
    text += text_of(part);
    return {};
  }));
  return text;
}

}  // namespace

TEST_CASE("a Perfetto trace holds rows, instants and counters under the published field numbers") {
  const PerfettoReader trace(written(sample_timeline()));
  const ReadTrack& matrix = trace.named("TensorMatrix Engine - Row 0");
  REQUIRE(matrix.slices.size() == 1);
  CHECK(matrix.slices[0].name == "MATMUL");
  CHECK(matrix.slices[0].begin_ns == 1000);
  CHECK(matrix.slices[0].end_ns == 2000);
  CHECK(matrix.slices[0].notes.at("pc") == "70");
  CHECK(matrix.slices[0].notes.at("operands") == "acc_flags=3 src=fp16@0x5600[1,0,0][3,1,1]");
  CHECK(trace.named("TensorMatrix Engine - Row 1").slices.size() == 1);
  CHECK(trace.named("DMA Engine 79 - Row 0").slices.size() == 1);
  CHECK(trace.named("DMA Engine 79 - Row 1").slices.size() == 1);
  CHECK(trace.named("DMA Engine 64 - Row 0").slices[0].name == "qSyncIO0-Q2-E64");
  const ReadTrack& queue = trace.named("qSyncDynamicHW - Row 0");
  REQUIRE(queue.slices.size() == 1);
  CHECK(queue.slices[0].notes.at("transfer_size") == "8192");
  CHECK(trace.named("S[5] (Tensor)").instants[0].notes.at("value") == "1");
  CHECK(trace.named("S[9]").instants.size() == 1);
  using Values = std::vector<std::pair<std::uint64_t, double>>;
  CHECK(trace.named("Pending DMA Count").values ==
        Values{{0, 1}, {100, 2}, {300, 3}, {400, 2}, {500, 1}, {900, 0}});
  CHECK(trace.named("Throttling").values == Values{{2000, 0.5}});
  double bytes = 0;
  const auto& rates = trace.named("DMA Throughput").values;
  for (std::size_t i = 0; i + 1 < rates.size(); ++i)
    bytes += rates[i].second * 1e-9 * static_cast<double>(rates[i + 1].first - rates[i].first);
  CHECK(bytes == Approx(4096 + 4096 + 8192).epsilon(0.01));
}

TEST_CASE("a Perfetto trace of many events comes in pieces of about a mebibyte") {
  Timeline timeline = sample_timeline();
  const Instruction one = timeline.instructions[0];
  timeline.instructions.clear();
  for (int i = 0; i < 100'000; ++i) {
    timeline.instructions.push_back(one);
    timeline.instructions.back().begin_ps = i * 10'000;
    timeline.instructions.back().end_ps = i * 10'000 + 15'000;
  }
  std::size_t largest = 0;
  const std::string text = written(timeline, &largest);
  CHECK(text.size() > 4'000'000);
  CHECK(largest < (1u << 20) + 4096);
  const PerfettoReader trace(text);
  CHECK(trace.named("TensorMatrix Engine - Row 0").slices.size() == 50'000);
  CHECK(trace.named("TensorMatrix Engine - Row 1").slices.size() == 50'000);
}

TEST_CASE("a real trace becomes a Perfetto trace with every instruction and packet in it") {
  for (const OfficialPair& pair : official_pairs()) {
    INFO(pair.name);
    const PerfettoReader trace(written(pair.timeline));
    std::size_t instructions = 0, packets = 0, updates = 0;
    for (const auto& [uuid, track] : trace.tracks) {
      if (track.name.find(" Engine - Row ") != std::string::npos)
        instructions += track.slices.size();
      if (track.name.starts_with("DMA Engine ")) packets += track.slices.size();
      updates += track.instants.size();
    }
    CHECK(instructions == pair.timeline.instructions.size());
    CHECK(packets == pair.timeline.packets.size());
    CHECK(updates == pair.timeline.semaphores.size());
    CHECK(trace.named("NeuronCore 4 (sg00)").is_process);
    CHECK(trace.named("S[5] (Tensor)").instants.size() > 0);
  }
}

TEST_CASE("an empty timeline is an empty Perfetto trace") { CHECK(written(Timeline{}).empty()); }

TEST_CASE("overlapping intervals get rows of their own and rows are used again") {
  Lanes lanes;
  CHECK(lanes.place(0, 10) == 0);
  CHECK(lanes.place(5, 20) == 1);
  CHECK(lanes.place(10, 12) == 0);
  CHECK(lanes.place(11, 13) == 2);
  CHECK(lanes.place(20, 21) == 0);
  CHECK(lanes.count() == 3);
}

}  // namespace neuron::view

// SPDX-License-Identifier: Apache-2.0
#include "ntff/ntff.h"

#include "tests/catch.h"
#include "tests/unit/ntff/sample.h"

using namespace neuron;
using namespace neuron::ntff;

namespace {

/// The written form is a function of all that a trace holds, so equal bytes are equal traces.
void check_same(const Trace& a, const Trace& b) {
  CHECK(bytes_of(a, Framing::None) == bytes_of(b, Framing::None));
}

std::string error_of(Bytes bytes) {
  const auto result = parse(bytes);
  return result ? "" : result.error().message;
}

}  // namespace

TEST_CASE("what is written is read back, framed or not") {
  const Trace trace = sample_trace();
  for (Framing framing : {Framing::None, Framing::Zstd}) {
    const Bytes bytes = bytes_of(trace, framing);
    const Trace back = REQUIRE_OK(parse(bytes));
    CHECK(back.oddities.empty());
    CHECK(back.version == 6);
    CHECK(back.is_simulated);
    CHECK(back.runtime.git == "simulated");
    CHECK(back.instance_id.empty());
    CHECK(back.begin_ps == trace.begin_ps);
    CHECK(back.end_ps == trace.end_ps);
    CHECK(back.uuid == trace.uuid);
    REQUIRE(back.cores.size() == 2);
    CHECK(back.cores[1].nc_index == 5);
    CHECK(back.cores[0].instructions.size() == trace.cores[0].instructions.size());
    CHECK(back.cores[0].instructions[1].high == 0xbeef);
    CHECK(back.cores[0].events[0].value == 77);
    CHECK(back.cores[0].dma[1].size == 4096);
    CHECK(back.cores[0].throttles[0].k == 4);
    CHECK(back.cores[0].images[0].bytes == trace.cores[0].images[0].bytes);
    CHECK(back.cores[0].images[0].ranges[1].kind == 2);
    CHECK(back.cores[0].rings[0].triggers[0].packets == 3);
    CHECK(back.cores[0].memory[0].name == "generic");
    check_same(back, trace);
    check_nothing_lost(back, trace);
  }
}

TEST_CASE("the same trace gives the same bytes, and the header's padding is zero") {
  const Bytes bytes = bytes_of(sample_trace(), Framing::None);
  CHECK(bytes == bytes_of(sample_trace(), Framing::None));
  for (std::size_t i = 9; i < 128; ++i) CHECK(bytes[i] == std::byte{0});
}

TEST_CASE("a uuid that its writer cut is kept as short as it is") {
  Trace trace = sample_trace();
  trace.uuid_bytes = 4;
  const Trace back = REQUIRE_OK(parse(bytes_of(trace, Framing::None)));
  CHECK(back.uuid_bytes == 4);
  CHECK(std::equal(back.uuid.begin(), back.uuid.begin() + 4, trace.uuid.begin()));
  CHECK(back.uuid[4] == std::byte{0});
}

namespace {

/// Records of all kinds.
std::size_t records_of(const Trace& trace) {
  std::size_t count = 0;
  for (const CoreTrace& c : trace.cores)
    count += c.instructions.size() + c.events.size() + c.dma.size() + c.throttles.size() +
             c.collectives.size();
  return count;
}

}  // namespace

TEST_CASE("a trace cut at any byte is read as far as it goes, and says so") {
  const Trace trace = sample_trace();
  const Bytes whole = bytes_of(trace, Framing::None);
  const std::size_t data = kHeaderBytes + load<std::uint64_t>(whole, 1);
  std::size_t before = 0, refused = 0, read = 0;
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const auto part = parse(ByteView(whole).first(size));
    if (size < data) {  // its metadata is not whole
      refused += !part;
      continue;
    }
    const std::string told = fmt::format("{} bytes are missing at the end", whole.size() - size);
    const std::size_t records = part ? records_of(*part) : 0;
    read += part && part->oddities[0].starts_with(told) && records >= before;
    before = records;
  }
  CHECK(refused == data);
  CHECK(read == whole.size() - data);
  CHECK(before >= records_of(trace) - 1);  // the last byte costs no more than the last record
}

TEST_CASE("a frame cut at any byte is read as far as it goes, and says so") {
  const Bytes framed = bytes_of(sample_trace(), Framing::Zstd);
  for (std::size_t size = 0; size < framed.size(); ++size) {
    const auto part = parse(ByteView(framed).first(size));
    if (part)
      CHECK(part->oddities.back() == "the zstd frame ends early; the trace was cut short");
    else
      CHECK(!part.error().message.empty());
  }
}

TEST_CASE("what is no trace is refused with one line") {
  CHECK(error_of({}) == "not an NTFF trace: its first bytes do not announce one");
  CHECK(error_of(Bytes(4096)) == "not an NTFF trace: its first bytes do not announce one");
  Bytes bytes = bytes_of(sample_trace(), Framing::None);
  bytes[0] = std::byte{3};
  CHECK(error_of(bytes) == "NTFF version 3, versions 4 to 6 are known");
  bytes[0] = std::byte{6};
  CHECK(
      error_of(Bytes(bytes.begin(), bytes.begin() + 140)).starts_with("ends inside its metadata"));
  bytes[8] = std::byte{0xff};  // the size of the metadata
  CHECK(error_of(bytes).starts_with("ends inside its metadata"));
}

TEST_CASE("no single damaged byte, and no cut, does more than change the answer") {
  const Bytes whole = bytes_of(sample_trace(), Framing::None);
  for (std::size_t at = 0; at < whole.size(); ++at) {
    for (std::uint8_t value : {0x00, 0x7f, 0x80, 0xff}) {
      Bytes bytes = whole;
      bytes[at] = std::byte{value};
      if (const auto trace = parse(bytes)) CHECK(bytes_of(*trace, Framing::None).size() > 128);
    }
    const auto cut = parse(ByteView(whole).first(at));
    if (cut) CHECK(!cut->oddities.empty());
  }
}

TEST_CASE("sections that all claim the whole file get its bytes once") {
  SampleWriter file(5);
  for (int i = 0; i < 1000; ++i) file.add_section(0, 0, 64);
  const Trace trace = REQUIRE_OK(parse(file.bytes(Bytes(64))));
  CHECK(trace.cores[0].instructions.size() == 4);
  CHECK(trace.oddities[0] == "sections overlap; those beyond the size of the file are left out");
}

TEST_CASE("a frame that expands beyond all sense is refused") {
  const Bytes zeros(std::size_t{100} << 20);
  Trace trace = sample_trace();
  trace.cores[0].images[0].bytes = zeros;
  const Bytes framed = bytes_of(trace, Framing::Zstd);
  REQUIRE(framed.size() < 100000);
  CHECK(error_of(framed).ends_with("expands beyond 67108864 bytes"));
}

TEST_CASE("an old trace's clocks become one clock of picoseconds") {
  SampleWriter file(4);
  file.set_clock(1, 1000, 4, 5);     // tensor: 1.25 ps a tick
  file.set_clock(3, 5000, 1, 2);     // vector
  file.set_clock(4, 0, 1, 1);        // gpsimd
  file.set_clock(5, 100, 1, 1);      // sync, events
  file.set_clock(8, 0, 1024, 2048);  // the first DMA engine
  file.add_section(0, 0, 48);
  file.add_section(4, 48, 16);
  Writer data;
  data.put(RawRecord{0x84000001, 0, 1400});   // tensor, start
  data.put(RawRecord{0x85000001, 0, 1404});   // tensor, end
  data.put(RawRecord{0x90000007, 0, 5200});   // vector, start
  data.put(RawRecord{0x80000000, 0x1, 300});  // DMA engine 0, packet start
  const Trace trace = REQUIRE_OK(parse(file.bytes(data.bytes())));
  const CoreTrace& core = trace.cores[0];
  CHECK(trace.version == 4);
  REQUIRE(core.instructions.size() == 3);
  CHECK(core.instructions[0].time_ps == 500);
  CHECK(core.instructions[1].time_ps == 505);
  CHECK(core.instructions[2].engine == 3);
  CHECK(core.instructions[2].time_ps == 400);
  CHECK(core.dma[0].time_ps == 600);
}

TEST_CASE("times before a clock's base move the whole trace, not themselves") {
  SampleWriter file(4);
  file.set_clock(1, 1000, 1, 1);
  file.add_section(0, 0, 32);
  Writer data;
  data.put(RawRecord{0x84000001, 0, 900});
  data.put(RawRecord{0x85000001, 0, 1100});
  const Trace trace = REQUIRE_OK(parse(file.bytes(data.bytes())));
  CHECK(trace.cores[0].instructions[0].time_ps == 0);
  CHECK(trace.cores[0].instructions[1].time_ps == 200);
}

TEST_CASE("the window of an old trace lies between the NOTIFYs of its engines") {
  SampleWriter file(5);
  Bytes program(4 * 64);
  for (int i : {1, 3}) program[i * 64] = std::byte{0xa6};
  program[64 + 36] = std::byte{2};
  program[3 * 64 + 36] = std::byte{3};
  file.set_image(0, 0x3c0068000, program);
  file.add_section(0, 0, 128);
  const std::uint32_t base = 0x3c0068000 >> 6 & 0xfffff;
  Writer data;
  for (std::uint32_t i = 0; i < 4; ++i) {
    data.put(RawRecord{0x84000000 | (base + i), 0, 1000 * i + 100});
    data.put(RawRecord{0x85000000 | (base + i), 0, 1000 * i + 200});
  }
  const Trace trace = REQUIRE_OK(parse(file.bytes(data.bytes())));
  CHECK(trace.oddities.empty());
  CHECK(trace.begin_ps == 1200);
  CHECK(trace.end_ps == 3200);
}

/// The sample with NOTIFYs that bracket the model on each engine, and times from zero.
static Trace trace_with_notifies() {
  Trace t = sample_trace();
  const std::uint64_t before = t.begin_ps;
  for (CoreTrace& core : t.cores) {
    for (auto* records : {&core.instructions})
      for (auto& r : *records) r.time_ps -= before;
    for (auto& r : core.events) r.time_ps -= before;
    for (auto& r : core.dma) r.time_ps -= before;
    for (auto& r : core.throttles) r.time_ps -= before;
    core.collectives.clear();  // those layouts know none
    for (Image& image : core.images) {
      for (const auto& [slot, kind] : {std::pair{1, 2}, {3, 3}}) {
        image.bytes[slot * 64] = std::byte{0xa6};
        image.bytes[slot * 64 + 36] = static_cast<std::byte>(kind);
        const auto pc = static_cast<std::uint32_t>((image.base >> 6) + slot) & 0xfffff;
        const std::uint64_t at = 1'000'000u * slot + 1000u * image.engine;
        core.instructions.push_back({at, pc, image.engine, 0, false, 0, 1});
        core.instructions.push_back({at + 500, pc, image.engine, 1, false, 1, 2});
      }
    }
  }
  t.begin_ps = 1'000'500;
  t.end_ps = 3'004'500;
  t.is_simulated = false;
  t.runtime.git = "faafe";
  return t;
}

TEST_CASE("a trace in the layout of version 5 says the same as in that of 6") {
  const Trace trace = trace_with_notifies();
  Trace back = REQUIRE_OK(parse(OldLayout(trace, 5, {}).bytes()));
  CHECK(back.version == 5);
  CHECK(back.oddities.empty());
  CHECK(back.neff_name == "/home/someone/model.neff");
  back.neff_name = trace.neff_name;
  check_same(back, trace);
}

TEST_CASE("a trace in the layout of version 4 says the same, within a tick of each clock") {
  Trace trace = trace_with_notifies();
  const Trace back = REQUIRE_OK(parse(OldLayout(trace, 4, trn1_clocks()).bytes()));
  CHECK(back.version == 4);
  CHECK(back.oddities.empty());
  CHECK(back.uuid == trace.uuid);
  CHECK(back.begin_ps - trace.begin_ps <= 1);
  REQUIRE(back.cores.size() == trace.cores.size());
  const auto near = [](std::uint64_t ours, std::uint64_t theirs, std::uint64_t tick) {
    return ours >= theirs && ours - theirs <= tick;
  };
  for (std::size_t c = 0; c < back.cores.size(); ++c) {
    const CoreTrace &ours = back.cores[c], &theirs = trace.cores[c];
    REQUIRE(ours.instructions.size() == theirs.instructions.size());
    for (std::size_t i = 0; i < ours.instructions.size(); ++i) {
      CHECK(ours.instructions[i].engine == theirs.instructions[i].engine);
      CHECK(ours.instructions[i].high == theirs.instructions[i].high);
      CHECK(near(ours.instructions[i].time_ps, theirs.instructions[i].time_ps, 2));
    }
    for (std::size_t i = 0; i < ours.dma.size(); ++i)
      CHECK(near(ours.dma[i].time_ps, theirs.dma[i].time_ps, 1177));
    CHECK(ours.images[2].bytes == theirs.images[2].bytes);
    CHECK(ours.images[2].ranges.size() == theirs.images[2].ranges.size());
    CHECK(ours.rings[0].queue == theirs.rings[0].queue);
    CHECK(ours.memory[2].name.empty());  // the viewer has the names of the categories
    CHECK(ours.memory[2].category == 11);
  }
}

// SPDX-License-Identifier: Apache-2.0
#include "tests/conformance.h"

#include <algorithm>
#include <map>
#include <set>

#include "ntff/layout.h"
#include "ntff/ntff.h"
#include "tests/catch.h"

using namespace neuron;
using namespace neuron::ntff;

namespace {

/// What the official profiler's JSON of each trace holds; counted there.
struct Official {
  const char* name;
  std::uint64_t last_ns;  ///< metadata.last_hw_timestamp
  std::size_t instructions, semaphores, dma, throttles;
};
constexpr Official kOfficial[] = {
    {"attention-baseline_bf16_s512.ntff", 54276, 452, 887, 2670, 2},
    {"attention-baseline_fp32_s1024.ntff", 116923, 917, 1459, 5364, 6},
    {"attention-fused_bf16_s512.ntff", 36351, 436, 747, 977, 2},
    {"attention-fused_fp32_s512.ntff", 38091, 442, 733, 481, 2},
};

using Start = std::pair<int, std::uint64_t>;  ///< engine and time

/// Pairs each end with the oldest start of the same engine and pc; the starts of those pairs that
/// lie inside the window.
std::vector<Start> starts_in_window(const Trace& trace, const CoreTrace& core) {
  std::map<std::pair<int, std::uint32_t>, std::vector<std::uint64_t>> open;
  std::vector<Start> inside;
  for (const InstructionRecord& r : core.instructions) {
    auto& starts = open[{r.engine, r.pc20}];
    if (r.kind == 0) starts.push_back(r.time_ps);
    if (r.kind != 1) continue;
    REQUIRE(!starts.empty());
    if (starts.front() >= trace.begin_ps && r.time_ps <= trace.end_ps)
      inside.emplace_back(r.engine, starts.front());
    starts.erase(starts.begin());
  }
  std::size_t still_open = 0;
  for (const auto& [key, starts] : open) still_open += starts.size();
  CHECK(still_open == 1);  // the one that stopped the capture
  return inside;
}

/// As the official tool does it: first the window, then the pairs, of which some make no sense.
std::size_t packets_in_window(const Trace& trace, const CoreTrace& core) {
  std::map<std::pair<int, int>, std::array<std::vector<std::uint64_t>, 2>> rings;
  for (const DmaRecord& r : core.dma)
    if (r.time_ps >= trace.begin_ps && r.time_ps <= trace.end_ps && r.kind != 6)
      rings[{r.engine, r.ring}][r.kind == 5].push_back(r.time_ps);
  std::size_t count = 0;
  for (const auto& [key, ring] : rings)
    for (std::size_t i = 0; i < std::min(ring[0].size(), ring[1].size()); ++i)
      count += ring[1][i] >= ring[0][i];
  return count;
}

}  // namespace

TEST_CASE("real traces hold what the official profiler finds in them") {
  const auto dir = conformance("neff");
  if (!dir) return;
  for (const Official& expected : kOfficial) {
    INFO(expected.name);
    const Trace trace = REQUIRE_OK(read(*dir / expected.name));
    CHECK(trace.version == 6);
    CHECK(trace.oddities.empty());
    CHECK_FALSE(trace.is_simulated);
    CHECK(trace.uuid_bytes == 16);
    CHECK(trace.lnc_size == 2);
    CHECK(trace.instance_type == "trn2.3xlarge");
    CHECK(trace.runtime.git.substr(0, 5) == "faafe");
    CHECK((trace.end_ps - trace.begin_ps) / 1000 == expected.last_ns);
    REQUIRE(trace.cores.size() == 2);
    std::size_t semaphores = 0, throttles = 0, instructions = 0;
    std::set<Start> starts;  // the official tool loses one of two cores' starts in one picosecond
    for (const CoreTrace& core : trace.cores) {
      CHECK(core.images.size() == 5);
      CHECK(core.memory.size() == 22);
      CHECK(core.memory[0].name == "generic");
      CHECK(core.nc_index == (core.subgraph == "sg00" ? 4u : 5u));
      const auto inside = starts_in_window(trace, core);
      instructions += inside.size();
      starts.insert(inside.begin(), inside.end());
      for (const EventRecord& r : core.events)
        semaphores += r.is_semaphore && r.time_ps >= trace.begin_ps && r.time_ps <= trace.end_ps;
      throttles += core.throttles.size();
      std::array<std::size_t, 16> kinds{};
      for (const DmaRecord& r : core.dma) ++kinds[r.kind];
      CHECK(kinds[1] == kinds[5]);
      CHECK(kinds[1] == kinds[6]);
      CHECK(kinds[1] + kinds[5] + kinds[6] == core.dma.size());
    }
    CHECK(starts.size() == expected.instructions);
    CHECK(instructions <= expected.instructions + 1);
    CHECK(semaphores == expected.semaphores);
    CHECK(throttles == expected.throttles);
  }
}

TEST_CASE("DMA packets of real traces are as many as the official profiler shows") {
  const auto dir = conformance("neff");
  if (!dir) return;
  for (const Official& expected : kOfficial) {
    INFO(expected.name);
    const Trace trace = REQUIRE_OK(read(*dir / expected.name));
    std::size_t packets = 0;
    for (const CoreTrace& core : trace.cores) packets += packets_in_window(trace, core);
    CHECK(packets == expected.dma);
  }
}

TEST_CASE("a real trace, written again and read, is the same trace") {
  const auto dir = conformance("neff");
  if (!dir) return;
  for (const Official& expected : kOfficial) {
    const Trace trace = REQUIRE_OK(read(*dir / expected.name));
    const Bytes again = bytes_of(trace, Framing::None);
    const Trace back = REQUIRE_OK(parse(again));
    CHECK(bytes_of(back, Framing::Zstd) == bytes_of(trace, Framing::Zstd));
    // All that the struct holds survives, so all record bits of the file must too: both hold the
    // same bytes behind the metadata, but for bit 30 of some events, whose meaning is unknown.
    const Bytes real = REQUIRE_OK(read_file(*dir / expected.name));
    const auto data = [](const Bytes& b) {
      return ByteView(b).subspan(kHeaderBytes + load<std::uint64_t>(b, 1));
    };
    const ByteView a = data(real), b = data(again);
    REQUIRE(a.size() == b.size());
    std::size_t different = 0;
    for (std::size_t i = 0; i < a.size(); ++i)
      different += (a[i] & ~std::byte{0x40}) != (b[i] & ~std::byte{0x40});
    CHECK(different == 0);
  }
}

TEST_CASE("the window that a device states is the one that its NOTIFYs tell") {
  const auto dir = conformance("neff");
  if (!dir) return;
  for (const Official& expected : kOfficial) {
    Trace trace = REQUIRE_OK(read(*dir / expected.name));
    const std::uint64_t begin = trace.begin_ps, end = trace.end_ps;
    trace.begin_ps = trace.end_ps = 0;  // left out by the writer, so the reader derives it
    const Trace derived = REQUIRE_OK(parse(bytes_of(trace, Framing::None)));
    // Devices take the begin 4.167 ns before the record and the end likewise (ntff.md section 5).
    CHECK(std::max(derived.begin_ps, begin) - std::min(derived.begin_ps, begin) <= 4168);
    CHECK(std::max(derived.end_ps, end) - std::min(derived.end_ps, end) <= 4168);
  }
}

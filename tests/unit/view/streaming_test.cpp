// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/ntff/sample.h"
#include "tests/unit/view/stored.h"
#include "view/sessions.h"
#include "view/store/write.h"

namespace neuron::view {
namespace {

/// A trace whose lists are large enough to lie in files, its records not in order of time.
ntff::Trace large_trace() {
  ntff::Trace trace = ntff::sample_trace();
  ntff::CoreTrace& core = trace.cores[0];
  const std::uint64_t begin = trace.begin_ps;
  const std::uint32_t base = static_cast<std::uint32_t>(core.images[0].base >> 6) & 0xfffff;
  std::mt19937 random(5);
  for (std::uint32_t i = 0; i < 400'000; ++i) {
    const std::uint64_t at = begin + 1000 * i + random() % 5000;
    const auto kind = static_cast<std::uint8_t>(i % 2);
    // Of every hundred one lies outside of the program.
    const std::uint32_t pc = i / 2 % 100 ? base + i / 2 % 2 : base + 0x1000;
    core.instructions.push_back({at, pc & 0xfffff, core.images[0].engine, kind, false, 1, 2});
    core.dma.push_back({at, 512, 16, static_cast<std::uint8_t>(i % 2 ? 5 : 1), 1, 7});
    core.events.push_back({at, static_cast<std::uint8_t>(i % 5), true, 0xf3, 1, i});
  }
  trace.end_ps = begin + 1000 * 500'000;
  return trace;
}

Bytes segment_of(const fs::path& directory, const char* name, const fs::path& trace,
                 const fs::path& spool) {
  auto loaded = REQUIRE_OK(load_session({{}, trace}, {.spool = spool}));
  CHECK(loaded.timeline.instructions.size() > 120'000);
  CHECK(loaded.timeline.packets.size() > 120'000);
  REQUIRE_OK(write_segment(directory / name, loaded.timeline, metrics_of(loaded.timeline)));
  return REQUIRE_OK(read_file(directory / name));
}

}  // namespace

TEST_CASE("a trace that is read through files is stored as one that is read in memory") {
  TemporaryDirectory dir;
  const ntff::Trace trace = large_trace();
  const fs::path plain = dir.path / "a.ntff", framed = dir.path / "a.ntff.zst";
  REQUIRE_OK(write_file(plain, ntff::bytes_of(trace, ntff::Framing::None)));
  REQUIRE_OK(write_file(framed, ntff::bytes_of(trace, ntff::Framing::Zstd)));
  const Bytes in_memory = segment_of(dir.path, "memory", plain, {});
  const Bytes in_files = segment_of(dir.path, "files", plain, dir.path);
  CHECK(in_memory == in_files);
  CHECK(segment_of(dir.path, "framed", framed, dir.path).size() > 0);
}

TEST_CASE("records that stay in their file are those that are read") {
  TemporaryDirectory dir;
  const fs::path path = dir.path / "a.ntff";
  REQUIRE_OK(write_file(path, ntff::bytes_of(large_trace(), ntff::Framing::None)));
  const auto read = REQUIRE_OK(ntff::read(path)), opened = REQUIRE_OK(ntff::open(path, {}));
  const auto &in_memory = read.cores[0], &in_file = opened.cores[0];
  CHECK(in_file.instructions.empty());
  REQUIRE(in_file.instructions.count() == in_memory.instructions.size());
  std::size_t at = 0, wrong = 0;
  ntff::for_each(in_file.instructions, [&](const ntff::InstructionRecord& record) {
    const auto& other = in_memory.instructions[at++];
    wrong += record.time_ps != other.time_ps || record.pc20 != other.pc20;
  });
  CHECK(at == in_memory.instructions.size());
  CHECK(wrong == 0);
}

}  // namespace neuron::view

// SPDX-License-Identifier: Apache-2.0
#include "nrt/trace_clock.h"

#include <algorithm>

namespace neuron::nrt {
namespace {

constexpr std::uint32_t kInserted = 0, kRemoved = 2;  // kinds of Image::Range

/// Where an instruction of an image stands in the compiler's stream; none for the runtime's own.
std::optional<std::uint32_t> stream_index(const ntff::Image& image, std::uint32_t pc20) {
  const std::uint64_t index = (pc20 - (image.base >> 6)) & 0xfffff;
  if (index * 64 >= image.bytes.size()) return std::nullopt;
  std::uint64_t at = index;
  for (const ntff::Image::Range& range : image.ranges) {
    const std::uint64_t first = range.offset / 64;
    if (first > index) continue;
    if (range.kind == kInserted && index < first + range.count) return std::nullopt;
    if (range.kind == kInserted) at -= range.count;
    if (range.kind == kRemoved) at += range.count;
  }
  return static_cast<std::uint32_t>(at);
}

}  // namespace

ProgramRecords program_records(const ntff::CoreTrace& core) {
  ProgramRecords out;
  for (const ntff::Image& image : core.images)
    for (ntff::InstructionRecord record : core.instructions) {
      if (record.engine != image.engine) continue;
      const auto index = stream_index(image, record.pc20);
      if (!index) continue;
      record.pc20 = *index;
      if (out.records.empty() || record.time_ps < out.begin_ps) out.begin_ps = record.time_ps;
      out.end_ps = std::max(out.end_ps, record.time_ps);
      out.records.push_back(record);
    }
  return out;
}

Result<std::vector<sim::ThrottleTime>> clock_of(const ntff::CoreTrace& core) {
  const ProgramRecords program = program_records(core);
  if (program.records.empty())
    return fail(Code::BadInput, "{}: no instruction of the program, expected a trace that has them",
                core.subgraph);
  std::vector<sim::ThrottleTime> changes;
  for (const ntff::ThrottleRecord& t : core.throttles) {
    if (t.n == 0 || t.k == 0 || t.k > t.n)
      return fail(Code::Malformed, "{}: the clock runs at {}/{}, expected a share of up to 1",
                  core.subgraph, t.k, t.n);
    changes.push_back({std::max(t.time_ps, program.begin_ps) - program.begin_ps, t.k, t.n});
  }
  std::ranges::stable_sort(changes, {}, &sim::ThrottleTime::at_ps);
  return changes;
}

}  // namespace neuron::nrt

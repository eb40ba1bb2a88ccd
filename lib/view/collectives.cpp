// SPDX-License-Identifier: Apache-2.0
#include "view/collectives.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <deque>
#include <map>

#include "neff/words.h"

namespace neuron::view {
namespace {

using Starts = std::deque<const ntff::CollectiveRecord*>;

std::string text_of(const std::vector<std::vector<std::uint32_t>>& lists) {
  std::string text;
  for (const auto& list : lists)
    text += fmt::format("{}[{}]", text.empty() ? "" : ",", fmt::join(list, ","));
  return text.empty() ? text : "[" + text + "]";
}

std::uint64_t bytes_of(const neff::Side& side) {
  std::uint64_t bytes = 1;
  for (const std::int64_t size : side.sizes) bytes *= static_cast<std::uint64_t>(size);
  return bytes;
}

void describe(Collective& row, const neff::Transfer& transfer, Texts& texts) {
  const neff::Collective& what = *transfer.collective;
  row.operation = texts.add(std::string(text_of(neff::kCollectiveWords, what.op)));
  row.dtype = texts.add(name_of(what.type));
  row.replica_group = texts.add(text_of(what.replica_groups));
  row.pairs = texts.add(text_of(what.pairs));
  row.stream = what.stream;
  row.id = transfer.id;
  for (const neff::Descriptor& d : transfer.descriptors) {
    for (const neff::Side& from : d.from) row.in_bytes += bytes_of(from);
    row.out_bytes += bytes_of(d.to);
  }
  const std::uint64_t bytes = std::max(row.in_bytes, row.out_bytes);
  row.elements = static_cast<std::uint32_t>(bytes / std::max<std::size_t>(size_of(what.type), 1));
}

/// An operation from its two records, and the instruction that triggered it where a program holds
/// that.
struct Paired {
  Collective row;
  const Step* trigger = nullptr;
};

Paired pair(const ntff::CollectiveRecord& start, const ntff::CollectiveRecord& end,
            std::uint8_t index, Programs& programs, const TimeWindow& window, Texts& texts) {
  Paired out;
  Collective& row = out.row;
  row.begin_ps = row.trigger_ps = window.from_begin(start.time_ps);
  row.end_ps = window.from_begin(end.time_ps);
  row.cc_core = end.cc_core;
  row.engine = end.engine;
  row.core = index;
  if (start.algorithm < std::size(ntff::kCollectiveAlgorithms))
    row.algorithm = texts.add(ntff::kCollectiveAlgorithms[start.algorithm]);
  Program* program = end.engine < isa::kEngines ? programs[end.engine].get() : nullptr;
  const auto slot = program ? program->slot_of(end.pc20) : std::nullopt;
  if (!slot) return out;
  out.trigger = program->step(*slot);  // describes what it starts, too
  row.pc = out.trigger->pc;
  const StartedTransfer* started = program->started(*slot);
  if (started && started->collective) describe(row, *started->collective, texts);
  return out;
}

/// Tells each operation when the last execution of its trigger before it began, in one walk.
void find_triggers(std::vector<Paired>& pairs, const SpoolList<Instruction>& instructions) {
  std::map<const Step*, std::vector<std::int64_t>> begins;
  for (const Paired& pair : pairs)
    if (pair.trigger) begins[pair.trigger];
  if (begins.empty()) return;
  for (const Instruction& instruction : passing(instructions))
    if (const auto wanted = begins.find(instruction.step); wanted != begins.end())
      wanted->second.push_back(instruction.begin_ps);
  for (auto& [row, trigger] : pairs) {
    if (!trigger) continue;
    const auto& times = begins[trigger];
    const auto after = std::upper_bound(times.begin(), times.end(), row.begin_ps);
    if (after != times.begin()) row.trigger_ps = *std::prev(after);
  }
}

}  // namespace

SpoolList<Collective> pair_collectives(const ntff::CoreTrace& core, std::uint8_t index,
                                       const SpoolList<Instruction>& instructions,
                                       Programs& programs, const TimeWindow& window, Texts& texts) {
  std::map<std::pair<std::uint8_t, std::uint32_t>, Starts> open;  // by CC-core and trigger
  std::vector<Paired> pairs;
  for (const ntff::CollectiveRecord& r : core.collectives) {
    Starts& starts = open[{r.cc_core, r.pc20}];
    if (r.kind == 0) {
      starts.push_back(&r);
      continue;
    }
    if (starts.empty() || r.time_ps > kLatestTime) continue;
    const ntff::CollectiveRecord& start = *starts.front();
    starts.pop_front();
    if (start.time_ps > r.time_ps || !window.holds(start.time_ps, r.time_ps)) continue;
    pairs.push_back(pair(start, r, index, programs, window, texts));
  }
  find_triggers(pairs, instructions);
  SpoolList<Collective> rows;
  for (const Paired& pair : pairs) rows.push_back(pair.row);
  std::stable_sort(rows.begin(), rows.end(),
                   [](const auto& a, const auto& b) { return a.begin_ps < b.begin_ps; });
  return rows;
}

}  // namespace neuron::view

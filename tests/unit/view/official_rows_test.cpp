// SPDX-License-Identifier: Apache-2.0
// Every row that the official tool exports must be among ours. We may have more: it drops the rows
// of rings whose packet straddles the window's begin, and one of two instructions that start in the
// same picosecond on both cores.
#include <algorithm>
#include <map>

#include "official.h"
#include "tests/unit/ntff/sample.h"
#include "view/formats/json.h"

namespace neuron::view {
namespace {

Json our_export(const Timeline& timeline) {
  std::string text;
  REQUIRE_OK(write_json(timeline, [&](ByteView part) -> Result<> {
    text += text_of(part);
    return {};
  }));
  return REQUIRE_OK(json::parse(view_of(text)));
}

/// The row with only the fields named, as text: fit for a multiset.
std::string key_of(const Json& row, const std::vector<const char*>& fields) {
  std::string key;
  for (const char* field : fields) {
    const Json* value = json::find(row, field);
    key += std::string(field) + "=" + (value ? json::text_of(*value) : "none") + " ";
  }
  return key;
}

/// Checks that each of their rows is one of ours; gives the number of our rows beyond theirs.
std::size_t surplus(const Json& theirs, const Json& ours, const char* table,
                    const std::vector<const char*>& fields) {
  std::map<std::string, int> left;
  for (const Json& row : ours[table]) ++left[key_of(row, fields)];
  std::size_t missing = 0;
  std::string example;
  for (const Json& row : theirs[table]) {
    const std::string key = key_of(row, fields);
    if (--left[key] >= 0) continue;
    ++missing;
    if (example.empty()) example = key;
  }
  INFO(table << ": first missing: " << example);
  CHECK(missing == 0);
  REQUIRE(ours[table].size() + missing >= theirs[table].size());
  return ours[table].size() + missing - theirs[table].size();
}

}  // namespace

TEST_CASE("our rows hold all rows of the official exports") {
  for (const OfficialPair& pair : official_pairs()) {
    INFO(pair.name);
    const Json ours = our_export(pair.timeline);
    const Json& theirs = pair.exported;
    CHECK(surplus(theirs, ours, "instruction",
                  {"timestamp", "duration", "pc", "compiler_pc", "opcode", "label", "subgroup",
                   "subgraph", "evt_wait_time", "crc_in", "crc_out"}) <= 1);
    CHECK(surplus(theirs, ours, "instruction",
                  {"timestamp", "subgroup", "subgraph", "pc", "compiler_opcode", "sbuf_read_bytes",
                   "sbuf_write_bytes", "psum_read_bytes", "psum_write_bytes",
                   "psum_read_sbuf_write_bytes", "hbm_read_bytes", "hbm_write_bytes", "elements",
                   "is_psum_read_sbuf_write"}) <= 1);
    const std::size_t more_packets =
        surplus(theirs, ours, "dma",
                {"timestamp", "duration", "transfer_size", "read_size", "write_size", "dma_engine",
                 "dma_queue", "queue_type", "subgroup", "subgraph", "packet_idx", "crc"});
    CHECK(more_packets <= 6);
    CHECK(ours["summary"][0]["trace_count"] ==
          theirs["summary"][0]["trace_count"].get<std::size_t>() + more_packets);
    CHECK(surplus(theirs, ours, "semaphore_update", {"timestamp", "id", "value", "subgraph"}) == 0);
    CHECK(surplus(theirs, ours, "ham", {"timestamp", "duration", "k", "n", "type", "subgraph"}) ==
          0);
    CHECK(surplus(theirs, ours, "active_time",
                  {"start_ts", "end_ts", "duration_ns", "engine", "subgraph"}) == 0);
    CHECK(surplus(theirs, ours, "layer_summary",
                  {"name", "fully_qualified_subgraph", "start", "end", "tensor_engine_flop_count",
                   "tensor_engine_model_flop_count", "tensor_engine_instruction_count",
                   "vector_engine_instruction_count", "sync_engine_instruction_count"}) == 0);
    CHECK(surplus(theirs, ours, "nc_mem_usage", {"usage_type", "amount_bytes", "nd", "nc"}) == 0);
    CHECK(surplus(theirs, ours, "neff_node",
                  {"node", "sg_name", "variable_name", "type", "format", "shape", "size"}) == 0);
    CHECK(
        surplus(theirs, ours, "neff_header",
                {"header_size", "number_of_logical_neuroncores", "enabled_features", "data_size",
                 "major_version", "minor_version", "build_version", "number_of_neuroncores_per_lnc",
                 "package_version", "hash", "uuid", "network_name"}) == 0);
    CHECK(surplus(theirs, ours, "model_info",
                  {"sg_name", "nc_idx", "nd_idx", "event_count", "dma_queue_count",
                   "neuroncore_cycle_count", "tensor_engine_instruction_count",
                   "sync_engine_instruction_count"}) == 0);
  }
}

/// Our row of a memory that holds at a time: the last one at or before it.
const Json* usage_at(const Json& ours, const Json& like, std::int64_t ns) {
  const Json* found = nullptr;
  for (const Json& row : ours["instruction_usage"])
    if (row["type"] == like["type"] && row["subgraph"] == like["subgraph"] &&
        row["timestamp"].get<std::int64_t>() <= ns)
      found = &row;
  return found;
}
/// By how much a partition or bank is emptier and fuller than theirs, at most.
struct Difference {
  double emptier = 0, fuller = 0;
  double most() const { return std::max(emptier, fuller); }
};
Difference usage_difference(const Json* ours, const Json& theirs) {
  Difference found;
  for (const auto& [name, value] : theirs.items()) {
    if (!name.ends_with("_usage")) continue;
    const double more = (ours ? (*ours)[name].get<double>() : 0) - value.get<double>();
    found.emptier = std::max(found.emptier, -more);
    found.fuller = std::max(found.fuller, more);
  }
  return found;
}

// They round the end of a period up, and of patterns that step down they leave out the first
// element: hence a nanosecond and four elements. A bank in which products are still added up they
// take for free between two of them; we do not.
TEST_CASE("the state buffer and PSUM are as full as in the official exports") {
  for (const OfficialPair& pair : official_pairs()) {
    INFO(pair.name);
    const Json ours = our_export(pair.timeline);
    const double slack = 16.5 / pair.timeline.sbuf_partition_bytes;
    std::size_t compared = 0, emptier = 0, fuller = 0;
    std::string example;
    for (const Json& row : pair.exported["instruction_usage"]) {
      Difference least{2, 2};
      const auto at = row["timestamp"].get<std::int64_t>();
      for (std::int64_t ns : {at, at - 1, at + 1}) {
        const Difference found = usage_difference(usage_at(ours, row, ns), row);
        if (std::pair(found.most(), found.emptier) < std::pair(least.most(), least.emptier))
          least = found;
      }
      ++compared;
      if (least.most() <= slack) continue;
      const bool is_sum = row["type"] == "psum" && least.emptier == 0;
      ++(is_sum ? fuller : emptier);
      if (!is_sum) example = json::text_of(row);
    }
    INFO(emptier << " of " << compared << " differ: " << example);
    CHECK(compared > 60);
    CHECK(emptier == 0);
    CHECK(fuller * 8 <= compared);
  }
}

// Versions 4 and 5 of real traces cannot be passed on; these are the real ones in their layouts.
TEST_CASE("a real trace in the layouts of versions 4 and 5 shows the same instructions") {
  const auto dir = conformance("neff");
  if (!dir) return;
  const auto path = *dir / "attention-fused_bf16_s512";
  const auto package = REQUIRE_OK(neff::read(path.string() + ".neff"));
  auto trace = REQUIRE_OK(ntff::read(path.string() + ".ntff"));
  // Version 4 numbers the categories of memory, in the order in which 6 lists their names.
  for (ntff::CoreTrace& core : trace.cores)
    for (std::uint32_t i = 0; i < core.memory.size(); ++i) core.memory[i].category = i;
  const Timeline newest = REQUIRE_OK(import(&package, trace, {}));
  for (const int version : {4, 5}) {
    const auto clocks = version == 4 ? ntff::trn1_clocks() : ntff::OldClocks{};
    const auto old = REQUIRE_OK(
        ntff::parse(ntff::OldLayout(trace, static_cast<std::uint8_t>(version), clocks).bytes()));
    const Timeline timeline = REQUIRE_OK(import(&package, old, {}));
    INFO("version " << version);
    CHECK(timeline.ntff_version == version);
    CHECK(timeline.neff_name == newest.neff_name);  // no host path
    // The window is found by NOTIFYs, a few nanoseconds after the one that version 6 states.
    REQUIRE(timeline.instructions.size() + 4 >= newest.instructions.size());
    std::map<std::tuple<int, int, std::uint32_t>, std::vector<const Instruction*>> ours;
    for (const Instruction& e : timeline.instructions)
      ours[{e->core, e->engine, e->pc}].push_back(&e);
    std::size_t found = 0;
    for (const Instruction& e : newest.instructions) {
      const auto& same = ours[{e->core, e->engine, e->pc}];
      const bool is_there = std::any_of(same.begin(), same.end(), [&](const Instruction* o) {
        return std::abs(o->begin_ps - e.begin_ps) <= 5000 &&
               std::abs((o->end_ps - o->begin_ps) - (e.end_ps - e.begin_ps)) <= 3 &&
               timeline.text((*o)->operands) == newest.text(e->operands) &&
               (*o)->compiler_pc == e->compiler_pc && o->wait_cycles == e.wait_cycles;
      });
      found += is_there;
    }
    CHECK(found + 4 >= newest.instructions.size());
    CHECK(timeline.packets.size() + 8 >= newest.packets.size());
    CHECK(timeline.memory.size() == newest.memory.size());
    for (std::size_t i = 0; i < timeline.memory.size(); ++i)
      CHECK(timeline.memory[i].name == newest.memory[i].name);
  }
}

TEST_CASE("names of instructions that have debug notes are the official ones") {
  for (const OfficialPair& pair : official_pairs()) {
    INFO(pair.name);
    const Json ours = our_export(pair.timeline);
    std::map<std::string, Json> names;
    const std::vector<const char*> place = {"timestamp", "subgroup", "subgraph", "pc"};
    for (const Json& row : ours["instruction"])
      if (row.contains("bir_instruction_name"))
        names[key_of(row, place)] = row["bir_instruction_name"];
    std::size_t compared = 0;
    for (const Json& row : pair.exported["instruction"]) {
      if (row["bir_instruction_name"] == "") continue;
      CHECK(names[key_of(row, place)] == row["bir_instruction_name"]);
      ++compared;
    }
    CHECK(compared > 100);
  }
}

}  // namespace neuron::view

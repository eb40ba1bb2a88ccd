// SPDX-License-Identifier: Apache-2.0
// Every row that the official tool exports must be among ours. We may have more: it drops the rows
// of rings whose packet straddles the window's begin, and one of two instructions that start in the
// same picosecond on both cores.
#include <map>

#include "official.h"
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

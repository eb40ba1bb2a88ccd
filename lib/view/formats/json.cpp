// SPDX-License-Identifier: Apache-2.0
#include "view/formats/json.h"

#include <fmt/format.h>

#include <iterator>

#include "base/json.h"
#include "isa/isa.h"
#include "view/formats/json_tables.h"
#include "view/rings.h"

namespace neuron::view {
namespace {

std::string quoted(const std::string& text) { return json::text_of(Json(text)); }

/// Strings that many records share, quoted once.
struct Quoted {
  explicit Quoted(const Timeline& timeline) {
    for (const std::string& text : timeline.texts) texts.push_back(quoted(text));
    for (const CoreInfo& core : timeline.cores) subgraphs.push_back(quoted(core.subgraph));
    for (int i = 0; i < 256; ++i)
      opcodes.push_back(quoted(opcode_name(static_cast<std::uint8_t>(i))));
  }
  const std::string& text(TextId id) const {
    return id.value < texts.size() ? texts[id.value] : none;
  }
  const std::string& subgraph(std::uint8_t core) const {
    return core < subgraphs.size() ? subgraphs[core] : none;
  }
  std::vector<std::string> texts, subgraphs, opcodes;
  std::string none = "\"\"";
};

struct RecordWriter {
  const Timeline& timeline;
  const Quoted& words;
  Spool& spool;

  template <class... Args>
  void put(fmt::format_string<Args...> text, Args&&... args) {
    fmt::format_to(std::back_inserter(spool.text), text, std::forward<Args>(args)...);
  }
  void positive(const char* key, std::uint64_t value) {
    if (value) put(",\"{}\":{}", key, value);
  }
};

const char* shown(std::uint8_t engine) {
  return engine < isa::kEngines ? isa::info(static_cast<isa::Engine>(engine)).shown : "Unknown";
}

void put_counters(RecordWriter& w, const Instruction& i) {
  w.positive("elements", i->flops / 2);
  w.positive("sbuf_read_bytes", i->sbuf_read);
  w.positive("sbuf_write_bytes", i->sbuf_write);
  w.positive("psum_read_bytes", i->psum_read);
  w.positive("psum_write_bytes", i->psum_write);
  if (i->psum_read && i->sbuf_write)
    w.put(",\"is_psum_read_sbuf_write\":true,\"psum_read_sbuf_write_bytes\":{}", i->sbuf_write);
  w.positive("hbm_read_bytes", i->hbm_read);
  w.positive("hbm_write_bytes", i->hbm_write);
}

void put(RecordWriter& w, const Instruction& i, std::size_t index) {
  const std::string& subgraph = w.words.subgraph(i->core);
  w.put(
      "{{\"timestamp\":{},\"duration\":{},\"label\":\"{}\",\"subgroup\":\"{}\",\"subgraph\":{},"
      "\"opcode\":{},\"operands\":{},\"pc\":{},\"evt_wait_time\":{},\"crc_in\":{},"
      "\"crc_out\":{},\"id\":{}",
      i.begin_ps / 1000, (i.end_ps - i.begin_ps) / 1000, track_of(i), shown(i->engine), subgraph,
      w.words.opcodes[i->opcode], w.words.text(i->operands), i->pc, wait_ns(i, w.timeline.base_ghz),
      i.crc_in, i.crc_out, index);
  if (i->compiler_pc >= 0) {
    w.put(
        ",\"compiler_pc\":{},\"instruction_type\":\"{}\",\"layer\":{},"
        "\"bir_instruction_name\":{}",
        i->compiler_pc, i->is_transpose ? "TRANSPOSE" : "REGULAR", w.words.text(i->layer),
        w.words.text(i->name));
    if (i->compiler_opcode != i->opcode)
      w.put(",\"compiler_opcode\":{},\"compiler_operands\":{}", w.words.opcodes[i->compiler_opcode],
            w.words.text(i->compiler_operands));
  }
  put_counters(w, i);
  w.put("}}");
}

void put(RecordWriter& w, const DmaPacket& p, const RingTypes& rings, std::size_t index) {
  const DmaRing* ring = rings.find(p);
  const std::int64_t span = p.end_ps - p.begin_ps;
  const double rate =
      span > 0 ? static_cast<double>(p.bytes) * 1e12 / static_cast<double>(span) : 0;
  static const std::string unknown = "\"unknown\"";
  const auto& transfers = w.timeline.transfers;
  const std::string& variable = p.transfer && p.transfer <= transfers.size()
                                    ? w.words.text(transfers[p.transfer - 1].variable)
                                    : unknown;
  std::string queue;
  if (ring && is_static(ring->type) && ring->type != QueueType::Instruction)
    queue = quoted(ring->queue + "-");
  w.put(
      "{{\"timestamp\":{},\"duration\":{},\"subgroup\":\"{}Q{}-E{}\",\"subgraph\":{},"
      "\"dma_engine\":\"{}\",\"dma_queue\":\"{}\",\"queue_type\":\"{}\",\"transfer_size\":{},"
      "\"read_size\":{},\"write_size\":{},\"transfer_rate\":{:.0f},\"packet_idx\":{},\"crc\":{},"
      "\"variable\":{},\"id\":{}}}",
      p.begin_ps / 1000, span / 1000,
      queue.size() > 2 ? std::string_view(queue).substr(1, queue.size() - 2) : "", p.ring, p.engine,
      w.words.subgraph(p.core), p.engine, p.ring, name_of(rings.of(p)), p.bytes, p.bytes, p.bytes,
      rate, p.index, p.crc, variable, index);
}

void put(RecordWriter& w, const SemaphoreUpdate& u, const std::string& id) {
  w.put("{{\"timestamp\":{},\"id\":{},\"value\":{},\"subgraph\":{}}}", u.at_ps / 1000, id, u.value,
        w.words.subgraph(u.core));
}

void put(RecordWriter& w, const Throttle& t) {
  w.put("{{\"timestamp\":{},\"duration\":{},\"k\":{},\"n\":{},\"type\":{},\"subgraph\":{}}}",
        t.begin_ps / 1000, (t.end_ps - t.begin_ps) / 1000, t.k, t.n, t.kind,
        w.words.subgraph(t.core));
}

void put(RecordWriter& w, const Collective& c, std::size_t index) {
  const std::int64_t span = c.end_ps - c.begin_ps;
  const double bytes = static_cast<double>(std::max(c.in_bytes, c.out_bytes));
  w.put(
      "{{\"timestamp\":{},\"duration\":{},\"operation\":{},\"algorithm\":{},\"num_elements\":{},"
      "\"dtype\":{},\"op_id\":{},\"stream_id\":{},\"cc_core\":{},\"trigger_engine\":\"{}\","
      "\"input_size\":{},\"output_size\":{},\"algorithm_bandwidth\":{:.0f},"
      "\"trigger_start_ts\":{},\"cc_trigger_start_delay\":{},\"replica_group\":{},"
      "\"subgraph\":{},\"id\":{}}}",
      c.begin_ps / 1000, span / 1000, w.words.text(c.operation), w.words.text(c.algorithm),
      c.elements, w.words.text(c.dtype), c.id, c.stream, c.cc_core, shown(c.engine), c.in_bytes,
      c.out_bytes, span > 0 ? bytes * 1e12 / static_cast<double>(span) : 0, c.trigger_ps / 1000,
      (c.begin_ps - c.trigger_ps) / 1000, w.words.text(c.replica_group), w.words.subgraph(c.core),
      index);
}

/// "key": [ one record a line ]
template <class Rows, class Put>
Result<> put_table(Spool& spool, const char* key, const Rows& rows, Put put_row) {
  spool.text += fmt::format(",\n\"{}\": [", key);
  bool first = true;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    spool.text += first ? "\n" : ",\n";
    first = false;
    put_row(rows[i], i);
    TRY(spool.settle());
  }
  spool.text += "]";
  return {};
}

}  // namespace

std::string semaphore_label(const Timeline& timeline, const SemaphoreUpdate& update) {
  if (update.core < timeline.cores.size()) {
    const auto& names = timeline.cores[update.core].semaphore_names;
    if (update.id < names.size() && !names[update.id].empty())
      return fmt::format("S[{}] ({})", update.id, names[update.id]);
  }
  return fmt::format("{}", update.id);
}

Result<> write_json(const Timeline& timeline, const Sink& sink) {
  const Quoted words(timeline);
  const RingTypes rings(timeline);
  Spool spool(sink);
  RecordWriter w{timeline, words, spool};
  // The small tables lack their closing brace, and the long ones follow.
  std::string small = json::text_of(small_tables(timeline), 1);
  small.resize(small.find_last_not_of("}\n") + 1);
  spool.text += small;
  TRY(put_table(spool, "instruction", timeline.instructions,
                [&](const Instruction& row, std::size_t i) { put(w, row, i); }));
  TRY(put_table(spool, "dma", timeline.packets,
                [&](const DmaPacket& row, std::size_t i) { put(w, row, rings, i); }));
  TRY(put_table(spool, "semaphore_update", timeline.semaphores,
                [&](const SemaphoreUpdate& row, std::size_t) {
                  put(w, row, quoted(semaphore_label(timeline, row)));
                }));
  TRY(put_table(spool, "ham", timeline.throttles,
                [&](const Throttle& row, std::size_t) { put(w, row); }));
  if (!timeline.collectives.empty())
    TRY(put_table(spool, "cc_ops", timeline.collectives,
                  [&](const Collective& row, std::size_t i) { put(w, row, i); }));
  spool.text += "\n}\n";
  return spool.flush();
}

}  // namespace neuron::view

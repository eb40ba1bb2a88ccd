// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <map>

#include "ntff/frame.h"
#include "ntff/layout.h"
#include "ntff/messages.h"
#include "ntff/records.h"

namespace neuron::ntff {
namespace {

Message image_message(const Image& image, std::size_t offset) {
  Message m;
  m.number(field::image_engine, image.engine);
  m.number(field::image_base, image.base);
  m.number(field::image_offset, offset);
  m.number(field::image_size, image.bytes.size());
  return m;
}

/// Clocks that need no correction, as a device with one clock states them.
Message clocks_message() {
  Message clock, m;
  clock.number(field::clock_a, 1);
  clock.number(field::clock_b, 1);
  for (std::uint32_t row = field::clocks_tensor; row <= field::clocks_other; ++row)
    for (int i = 0; i < (row == field::clocks_dma ? 16 : 1); ++i) m.message(row, clock);
  return m;
}

/// `data` gains the instructions of the images.
Message core_message(const CoreTrace& core, Writer& data) {
  Message m;
  m.text(field::core_subgraph, core.subgraph);
  m.number(field::core_device_index, core.device_index);
  m.number(field::core_nc_index, core.nc_index);
  for (const Image& image : core.images) {
    m.message(field::core_image, image_message(image, data.size()));
    data.append(image.bytes);
  }
  for (const Image& image : core.images)
    if (!image.ranges.empty()) m.message(field::core_edits, edits_message(image));
  for (const Ring& ring : core.rings) m.message(field::core_ring, ring_message(ring));
  m.message(field::core_clocks, clocks_message());
  for (const MemoryUse& use : core.memory) {
    Message row;
    row.number(field::memory_category, use.category);
    row.number(field::memory_bytes, use.bytes);
    row.text(field::memory_name, use.name);
    m.message(field::core_memory, row);
  }
  m.number(field::core_duration, core.duration_ps);
  return m;
}

template <class Record>
void add_section(RecordKind kind, std::uint64_t source, const std::vector<Record>& records,
                 std::uint32_t nc_index, Message& top, Writer& data, std::uint64_t index = 0) {
  Message row;
  row.number(field::section_kind, static_cast<std::uint64_t>(kind));
  row.number(field::section_source, source);
  row.number(field::section_index, index);
  row.number(field::section_offset, data.size());
  row.number(field::section_size, records.size() * kRecordBytes);
  row.number(field::section_nc_index, nc_index);
  top.message(field::top_section, row);
  for (const Record& record : records) data.put(pack(record));
}

void add_sections(const CoreTrace& core, Message& top, Writer& data) {
  const auto nc = core.nc_index;
  add_section(RecordKind::Instruction, kSourceCore, core.instructions, nc, top, data);
  add_section(RecordKind::Event, kSourceCore, core.events, nc, top, data);
  add_section(RecordKind::Error, kSourceCore, std::vector<EventRecord>{}, nc, top, data);
  add_section(RecordKind::Dma, kSourceDma, core.dma, nc, top, data);
  add_section(RecordKind::Throttle, kSourceCore, core.throttles, nc, top, data);
  std::map<std::uint8_t, std::vector<CollectiveRecord>> cc_cores;
  for (const CollectiveRecord& r : core.collectives) cc_cores[r.cc_core].push_back(r);
  for (const auto& [index, records] : cc_cores)
    add_section(RecordKind::Instruction, kSourceCollectives, records, nc, top, data, index);
}

Message execution_message(const Trace& trace, ByteView uuid) {
  Message m;
  m.bytes(field::execution_uuid, uuid);
  m.number(field::execution_begin, trace.begin_ps);
  m.number(field::execution_end, trace.end_ps);
  return m;
}

/// `data` gains all that the message points to.
Message top_message(const Trace& trace, Writer& data) {
  const ByteView known = ByteView(trace.uuid).first(std::min(trace.uuid_bytes, trace.uuid.size()));
  const ByteView whole = known.size() == trace.uuid.size() ? known : ByteView{};
  Version runtime = trace.runtime;
  if (trace.is_simulated) runtime.git = kSimulated;
  Message cores, model, m;
  for (const CoreTrace& core : trace.cores)
    cores.message(field::cores_core, core_message(core, data));
  model.message(field::model_cores, cores);
  model.bytes(field::model_uuid, whole);

  // A reader knows a trace by this first field, so it never stays out.
  m.text(field::top_neff_name, trace.neff_name.empty() ? "unnamed.neff" : trace.neff_name);
  m.bytes(field::top_short_uuid, known);
  m.number(field::top_constant, kConstant);
  m.message(field::top_model, model);
  m.number(field::top_lnc_size, trace.lnc_size);
  m.message(field::top_runtime, version_message(runtime));
  m.text(field::top_instance_type, trace.instance_type);
  m.message(field::top_driver, version_message(trace.driver));
  m.message(field::top_collectives, version_message(trace.collectives));
  m.message(field::top_execution, execution_message(trace, whole));
  for (const CoreTrace& core : trace.cores) add_sections(core, m, data);
  m.text(field::top_instance_id, trace.instance_id);
  return m;
}

}  // namespace

Bytes bytes_of(const Trace& trace, Framing framing) {
  Writer data, out;
  const Message top = top_message(trace, data);
  out.put(kNewestVersion);
  out.put(static_cast<std::uint64_t>(top.wire().size()));
  out.zeros(kHeaderBytes - out.size());
  out.append(top.wire());
  out.append(data.bytes());
  return framing == Framing::Zstd ? frame(out.bytes()) : std::move(out).take();
}

}  // namespace neuron::ntff

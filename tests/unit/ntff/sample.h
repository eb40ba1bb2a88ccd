// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <tuple>

#include "ntff/layout.h"
#include "ntff/messages.h"
#include "ntff/ntff.h"
#include "ntff/records.h"
#include "tests/catch.h"

namespace neuron::ntff {

/// A small trace of two cores in which every field of every struct says something.
inline Trace sample_trace() {
  Trace t;
  t.neff_name = "model.neff";
  for (std::size_t i = 0; i < 16; ++i) t.uuid[i] = std::byte(i + 1);
  t.runtime = {2, 30, 51, ""};
  t.driver = {2, 26, 0, ""};
  t.collectives = {2, 30, 59, ""};
  t.instance_type = "trn2.3xlarge";
  t.lnc_size = 2;
  t.begin_ps = 2525035296379518;
  t.end_ps = 2525035334471125;
  t.is_simulated = true;
  for (std::uint32_t index : {4u, 5u}) {
    CoreTrace c;
    c.subgraph = index == 4 ? "sg00" : "sg01";
    c.nc_index = index;
    c.duration_ps = 38091607;
    for (std::uint8_t engine = 0; engine < 5; ++engine) {
      Image image{.engine = engine,
                  .base = 0x80059000ull + engine * 0x10000,
                  .bytes = Bytes(256),
                  .ranges = {}};
      image.bytes[64] = std::byte{0xa4};
      image.ranges = {{0, 2, 0}, {128, 1, 2}};
      c.images.push_back(image);
      const std::uint64_t at = t.begin_ps + engine;
      c.instructions.push_back({at, 0x59000u + engine, engine, 0, false, 0, 40});
      c.instructions.push_back(
          {at + 50, 0x59000u + engine, engine, 1, engine == 1, 0xffff, 0xbeef});
    }
    c.instructions.push_back({t.begin_ps + 9, 3, 2, 2, false, 0xffff, 2});
    c.rings = {{64, 1, 2, "qSPDynamicHW", {{7, 3, 9, 4}}}, {73, 14, 0, "qActTable", {}}};
    c.memory = {{0, 38912, "generic"}, {0, 0, "spill"}, {11, 5, ""}};
    c.events = {{t.begin_ps + 1, 24, true, 0xf3, 6, 77}, {t.begin_ps + 2, 3, false, 0xf1, 5, 1}};
    c.dma = {{t.begin_ps + 3, 0, 16, 1, 1, 0},
             {t.begin_ps + 4, 4096, 16, 5, 1, 0xabcd},
             {t.begin_ps + 5, 0, 16, 6, 1, 0}};
    c.collectives = {{t.begin_ps + 6, 0x59001, 4, 0, 10, 4},
                     {t.begin_ps + 7, 0x59001, 4, 1, 10, 0}};
    c.throttles = {{t.begin_ps, 12, 8, 4, 1}, {t.begin_ps + 3413328, 204, 8, 8, 0}};
    t.cores.push_back(c);
  }
  return t;
}

/// Field by field; what was tolerated while reading aside.
inline void check_nothing_lost(const Trace& a, const Trace& b) {
  CHECK(a.neff_name == b.neff_name);
  CHECK(a.uuid == b.uuid);
  CHECK(a.uuid_bytes == b.uuid_bytes);
  CHECK(a.driver == b.driver);
  CHECK(a.collectives == b.collectives);
  CHECK(std::tie(a.runtime.major, a.runtime.minor, a.runtime.patch) ==
        std::tie(b.runtime.major, b.runtime.minor, b.runtime.patch));
  CHECK(a.is_simulated == b.is_simulated);
  CHECK(a.instance_type == b.instance_type);
  CHECK(a.lnc_size == b.lnc_size);
  CHECK(a.begin_ps == b.begin_ps);
  CHECK(a.end_ps == b.end_ps);
  REQUIRE(a.cores.size() == b.cores.size());
  for (std::size_t i = 0; i < a.cores.size(); ++i) {
    const CoreTrace &x = a.cores[i], &y = b.cores[i];
    CHECK(x.subgraph == y.subgraph);
    CHECK(x.nc_index == y.nc_index);
    CHECK(x.device_index == y.device_index);
    CHECK(x.duration_ps == y.duration_ps);
    CHECK((x.images == y.images));
    CHECK((x.rings == y.rings));
    CHECK((x.memory == y.memory));
    CHECK(std::equal(x.instructions.begin(), x.instructions.end(), y.instructions.begin(),
                     y.instructions.end()));
    CHECK(std::equal(x.events.begin(), x.events.end(), y.events.begin(), y.events.end()));
    CHECK(std::equal(x.dma.begin(), x.dma.end(), y.dma.begin(), y.dma.end()));
    CHECK((x.throttles == y.throttles));
    CHECK((x.collectives == y.collectives));
  }
}

/// Writes what our writer does not: traces of one core in the layout of versions 4 and 5.
class SampleWriter {
 public:
  explicit SampleWriter(std::uint8_t version) : version_(version) {}
  void set_clock(std::uint32_t row, std::uint64_t base, std::uint64_t a, std::uint64_t b) {
    Message m;
    m.number(field::clock_base, base);
    m.number(field::clock_a, a);
    m.number(field::clock_b, b);
    clocks_.message(row, m);
  }
  void add_section(std::uint64_t kind, std::uint64_t offset, std::uint64_t size) {
    Message m;
    m.number(field::section_kind, kind);
    m.number(field::section_offset, offset);
    m.number(field::section_size, size);
    core_.message(field::core_section, m);
  }
  void set_image(std::uint64_t engine, std::uint64_t base, ByteView bytes) {
    Message m;
    m.number(field::image_engine, engine);
    m.number(field::image_base, base);
    m.bytes(field::image_bytes, bytes);
    core_.message(field::core_image, m);
  }
  Bytes bytes(ByteView data) {
    Message top, model, cores;
    core_.message(field::core_clocks, clocks_);
    cores.message(field::cores_core, core_);
    model.message(field::model_cores, cores);
    top.text(field::top_neff_name, "old.neff");
    top.message(field::top_model, model);
    Writer out;
    out.put(version_);
    out.put(std::uint64_t{top.wire().size()});
    for (std::size_t i = out.size(); i < kHeaderBytes; ++i) out.put(std::uint8_t{0xa5});
    out.append(top.wire());
    out.append(data);
    return std::move(out).take();
  }

 private:
  std::uint8_t version_;
  Message core_, clocks_;
};

/// How a device with many clocks counts: ticks = base + picoseconds * a / b, rounded up.
struct OldClock {
  std::uint64_t base = 0, a = 1, b = 1;
  std::uint64_t ticks(std::uint64_t ps) const {
    __extension__ using Wide = unsigned __int128;
    return base + static_cast<std::uint64_t>((Wide{ps} * a + b - 1) / b);
  }
};
/// Rows of the calibration; those of Trn1 are published in traces of version 4.
struct OldClocks {
  std::array<OldClock, 5> engines;  ///< by engine as in records
  OldClock throttle, dma;
};
inline OldClocks trn1_clocks() {
  const OldClock nominal{1'000'000, 731408, 731428}, vector{7'000'000, 914260, 914286};
  return {{nominal, nominal, nominal, vector, nominal}, {500, 1, 1}, {90'000, 1024, 1204672}};
}

/// A whole trace in the layout of versions 4 and 5: images inside of the message, sections listed
/// core by core, no window, a uuid copied as if it were a text, and in 4 clocks that differ and
/// memory without names.
class OldLayout {
 public:
  OldLayout(const Trace& trace, std::uint8_t version, const OldClocks& clocks)
      : trace_(trace), version_(version), clocks_(clocks) {}

  Bytes bytes() {
    Message cores, model, top;
    for (const CoreTrace& core : trace_.cores) cores.message(field::cores_core, core_of(core));
    model.message(field::model_cores, cores);
    Bytes uuid(trace_.uuid.begin(), trace_.uuid.end());
    uuid.push_back(std::byte{0x7f});  // what stood behind it
    top.text(field::top_neff_name, "/home/someone/" + trace_.neff_name);
    top.bytes(field::top_short_uuid, uuid);
    top.number(field::top_constant, kConstant);
    top.message(field::top_model, model);
    top.number(field::top_lnc_size, trace_.lnc_size);
    if (version_ == 4) top.number(7, 1'700'000'000);  // when it was captured
    top.message(field::top_runtime, version_message(trace_.runtime));
    top.text(field::top_instance_type, trace_.instance_type);
    top.number(10, 2);
    top.message(field::top_driver, version_message(trace_.driver));
    top.message(field::top_collectives, version_message(trace_.collectives));
    if (version_ == 5) {
      Message mask;
      mask.number(4, 0xffffffff);
      top.message(14, mask);
    }
    Writer out;
    out.put(version_);
    out.put(std::uint64_t{top.wire().size()});
    for (std::size_t i = out.size(); i < kHeaderBytes; ++i) out.put(std::uint8_t{0xa5});
    out.append(top.wire());
    out.append(data_.bytes());
    return std::move(out).take();
  }

 private:
  Message image_of(const Image& image) const {
    Message m;
    m.number(field::image_engine, image.engine);
    m.number(field::image_base, image.base);
    m.bytes(field::image_bytes, image.bytes);
    return m;
  }
  Message calibration() const {
    Message m;
    const auto add = [&](std::uint32_t row, const OldClock& clock) {
      Message c;
      c.number(field::clock_base, clock.base);
      c.number(field::clock_a, clock.a);
      c.number(field::clock_b, clock.b);
      m.message(row, c);
    };
    add(field::clocks_tensor, clocks_.engines[0]);
    add(field::clocks_scalar, clocks_.engines[1]);
    add(field::clocks_vector, clocks_.engines[3]);
    add(field::clocks_gpsimd, clocks_.engines[2]);
    add(field::clocks_sync, clocks_.engines[4]);
    add(field::clocks_sync_late, clocks_.engines[4]);
    add(field::clocks_throttle, clocks_.throttle);
    for (int i = 0; i < 16; ++i) add(field::clocks_dma, clocks_.dma);
    add(field::clocks_other, {});
    return m;
  }
  template <class Record, class ClockOf>
  void add_section(Message& core, RecordKind kind, std::uint64_t source,
                   std::vector<Record> records, ClockOf clock_of) {
    Message row;
    row.number(field::section_kind, static_cast<std::uint64_t>(kind));
    row.number(field::section_source, source);
    row.number(field::section_offset, data_.size());
    row.number(field::section_size, records.size() * kRecordBytes);
    core.message(field::core_section, row);
    for (Record& record : records) {
      record.time_ps = clock_of(record).ticks(record.time_ps);
      data_.put(pack(record));
    }
  }
  Message core_of(const CoreTrace& core) {
    Message m;
    m.text(field::core_subgraph, core.subgraph);
    m.number(field::core_nc_index, core.nc_index);
    for (const Image& image : core.images) m.message(field::core_image, image_of(image));
    for (const Image& image : core.images)
      if (!image.ranges.empty()) m.message(field::core_edits, edits_message(image));
    const OldClocks& c = clocks_;
    add_section(m, RecordKind::Instruction, kSourceCore, core.instructions,
                [&](const InstructionRecord& r) { return c.engines[r.engine % 5]; });
    add_section(m, RecordKind::Event, kSourceCore, core.events,
                [&](const EventRecord&) { return c.engines[4]; });
    add_section(m, RecordKind::Error, kSourceCore, std::vector<EventRecord>{},
                [&](const EventRecord&) { return c.engines[4]; });
    add_section(m, RecordKind::Dma, kSourceDma, core.dma, [&](const DmaRecord&) { return c.dma; });
    add_section(m, RecordKind::Throttle, kSourceCore, core.throttles,
                [&](const ThrottleRecord&) { return c.throttle; });
    for (const Ring& ring : core.rings) m.message(field::core_ring, ring_message(ring));
    m.message(field::core_clocks, calibration());
    for (const MemoryUse& use : core.memory) {
      Message row;
      row.number(field::memory_category, use.category);
      row.number(field::memory_bytes, use.bytes);
      if (version_ == 5) row.text(field::memory_name, use.name);
      m.message(field::core_memory, row);
    }
    m.number(field::core_duration, core.duration_ps);
    return m;
  }

  const Trace& trace_;
  std::uint8_t version_;
  OldClocks clocks_;
  Writer data_;
};

}  // namespace neuron::ntff

// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "ntff/layout.h"
#include "ntff/ntff.h"
#include "ntff/records.h"
#include "ntff/wire.h"

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
    c.throttles = {{t.begin_ps, 12, 8, 4, 1}, {t.begin_ps + 3413328, 204, 8, 8, 0}};
    t.cores.push_back(c);
  }
  return t;
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

}  // namespace neuron::ntff

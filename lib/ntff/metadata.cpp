// SPDX-License-Identifier: Apache-2.0
#include "ntff/metadata.h"

#include <algorithm>

#include "ntff/wire.h"

namespace neuron::ntff {
namespace {

// More than any instance has; keeps a small hostile file from asking for much memory.
constexpr std::size_t kMaxCores = 1024;

/// Walks messages and remembers whether all of them were sound.
class MetadataReader {
 public:
  Draft draft;
  bool ok = true;
  const char* damaged = "";

  void top(ByteView message);

 private:
  template <class Visit>
  void each(const char* name, ByteView message, Visit visit) {
    Fields fields(message);
    for (Field f; fields.next(f);) visit(f);
    if (fields.ok()) return;
    ok = false;
    damaged = name;
  }

  Version version(ByteView message);
  Section section(ByteView message);
  Clock clock(ByteView message);
  Ring ring(ByteView message);
  void model(ByteView message);
  void core(ByteView message);
  void image(ByteView message, CoreTrace& core, CoreDraft& places);
  void edits(ByteView message, std::vector<Image>& edited);
  void clocks(ByteView message, Clocks& clocks);
  void execution(ByteView message);
  void uuid(ByteView bytes);
};

std::string text_in(const Field& f) { return std::string(text_of(f.bytes)); }
std::uint32_t number_in(const Field& f) { return static_cast<std::uint32_t>(f.value); }

Version MetadataReader::version(ByteView message) {
  Version v;
  each("version", message, [&](const Field& f) {
    if (f.number == field::version_major) v.major = number_in(f);
    if (f.number == field::version_minor) v.minor = number_in(f);
    if (f.number == field::version_patch) v.patch = number_in(f);
    if (f.number == field::version_git) v.git = text_in(f);
  });
  return v;
}

Section MetadataReader::section(ByteView message) {
  Section s;
  each("section", message, [&](const Field& f) {
    if (f.number == field::section_kind) s.kind = f.value;
    if (f.number == field::section_source) s.source = f.value;
    if (f.number == field::section_index) s.index = f.value;
    if (f.number == field::section_offset) s.offset = f.value;
    if (f.number == field::section_size) s.size = f.value;
    if (f.number == field::section_nc_index) s.nc_index = f.value;
  });
  return s;
}

Clock MetadataReader::clock(ByteView message) {
  Clock c{.base = 0, .a = 0, .b = 0};
  each("clock", message, [&](const Field& f) {
    if (f.number == field::clock_base) c.base = f.value;
    if (f.number == field::clock_a) c.a = f.value;
    if (f.number == field::clock_b) c.b = f.value;
  });
  return c;
}

void MetadataReader::clocks(ByteView message, Clocks& clocks) {
  each("clocks", message, [&](const Field& f) {
    switch (f.number) {
      case field::clocks_tensor:
        clocks.engines[0] = clock(f.bytes);
        break;
      case field::clocks_scalar:
        clocks.engines[1] = clock(f.bytes);
        break;
      case field::clocks_gpsimd:
        clocks.engines[2] = clock(f.bytes);
        break;
      case field::clocks_vector:
        clocks.engines[3] = clock(f.bytes);
        break;
      case field::clocks_sync:
        clocks.engines[4] = clock(f.bytes);
        break;
      case field::clocks_throttle:
        clocks.throttle = clock(f.bytes);
        break;
      case field::clocks_dma:
        clocks.dma.push_back(clock(f.bytes));
        break;
    }
  });
}

Ring MetadataReader::ring(ByteView message) {
  Ring r;
  each("ring", message, [&](const Field& f) {
    if (f.number == field::ring_engine) r.engine = number_in(f);
    if (f.number == field::ring_index) r.index = number_in(f);
    if (f.number == field::ring_kind) r.kind = number_in(f);
    if (f.number == field::ring_queue) r.queue = text_in(f);
    if (f.number != field::ring_trigger) return;
    Trigger& t = r.triggers.emplace_back();
    each("trigger", f.bytes, [&](const Field& g) {
      if (g.number == field::trigger_id) t.id = number_in(g);
      if (g.number == field::trigger_packets) t.packets = number_in(g);
      if (g.number == field::trigger_from_descriptors) t.from_descriptors = number_in(g);
      if (g.number == field::trigger_to_descriptors) t.to_descriptors = number_in(g);
    });
  });
  return r;
}

void MetadataReader::image(ByteView message, CoreTrace& core, CoreDraft& places) {
  Image& image = core.images.emplace_back();
  Place& place = places.places.emplace_back();
  each("image", message, [&](const Field& f) {
    if (f.number == field::image_engine) image.engine = static_cast<std::uint8_t>(f.value);
    if (f.number == field::image_base) image.base = f.value;
    if (f.number == field::image_bytes) image.bytes.assign(f.bytes.begin(), f.bytes.end());
    if (f.number == field::image_offset) place.offset = f.value;
    if (f.number == field::image_size) place.size = f.value;
  });
}

void MetadataReader::edits(ByteView message, std::vector<Image>& edited) {
  Image& image = edited.emplace_back();
  each("edits", message, [&](const Field& f) {
    if (f.number == field::edits_engine) image.engine = static_cast<std::uint8_t>(f.value);
    if (f.number != field::edits_range) return;
    Image::Range& r = image.ranges.emplace_back();
    each("range", f.bytes, [&](const Field& g) {
      if (g.number == field::range_offset) r.offset = g.value;
      if (g.number == field::range_count) r.count = g.value;
      if (g.number == field::range_kind) r.kind = number_in(g);
    });
  });
}

void MetadataReader::core(ByteView message) {
  if (draft.cores.size() == kMaxCores) return;
  CoreTrace& core = draft.trace.cores.emplace_back();
  CoreDraft& rest = draft.cores.emplace_back();
  std::vector<Image> edited;  // ranges, which may come before the images that they edit
  each("core trace", message, [&](const Field& f) {
    if (f.number == field::core_subgraph) core.subgraph = text_in(f);
    if (f.number == field::core_device_index) core.device_index = number_in(f);
    if (f.number == field::core_nc_index) core.nc_index = number_in(f);
    if (f.number == field::core_image) image(f.bytes, core, rest);
    if (f.number == field::core_edits) edits(f.bytes, edited);
    if (f.number == field::core_section) rest.sections.push_back(section(f.bytes));
    if (f.number == field::core_ring) core.rings.push_back(ring(f.bytes));
    if (f.number == field::core_clocks) clocks(f.bytes, rest.clocks);
    if (f.number == field::core_duration) core.duration_ps = f.value;
    if (f.number != field::core_memory) return;
    MemoryUse& m = core.memory.emplace_back();
    each("memory", f.bytes, [&](const Field& g) {
      if (g.number == field::memory_category) m.category = number_in(g);
      if (g.number == field::memory_bytes) m.bytes = g.value;
      if (g.number == field::memory_name) m.name = text_in(g);
    });
  });
  for (Image& from : edited) {
    auto to = std::find_if(core.images.begin(), core.images.end(),
                           [&](const Image& image) { return image.engine == from.engine; });
    if (to != core.images.end()) to->ranges = std::move(from.ranges);
  }
}

void MetadataReader::uuid(ByteView bytes) {
  Trace& t = draft.trace;
  t.uuid_bytes = std::min(bytes.size(), t.uuid.size());
  t.uuid = {};
  std::copy_n(bytes.begin(), t.uuid_bytes, t.uuid.begin());
}

void MetadataReader::model(ByteView message) {
  each("model", message, [&](const Field& f) {
    if (f.number == field::model_uuid && f.bytes.size() == 16) uuid(f.bytes);
    if (f.number != field::model_cores) return;
    each("cores", f.bytes, [&](const Field& g) {
      if (g.number == field::cores_core) core(g.bytes);
    });
  });
}

void MetadataReader::execution(ByteView message) {
  Trace& t = draft.trace;
  each("execution", message, [&](const Field& f) {
    if (f.number == field::execution_begin) t.begin_ps = f.value;
    if (f.number == field::execution_end) t.end_ps = f.value;
    if (f.number == field::execution_uuid && f.bytes.size() == 16) uuid(f.bytes);
  });
  draft.has_window = t.begin_ps < t.end_ps;
}

void MetadataReader::top(ByteView message) {
  Trace& t = draft.trace;
  uuid({});
  each("metadata", message, [&](const Field& f) {
    if (f.number == field::top_neff_name) t.neff_name = text_in(f);
    // Comes first and is the least trustworthy of three.
    if (f.number == field::top_short_uuid && t.uuid_bytes < 16) uuid(f.bytes);
    if (f.number == field::top_model) model(f.bytes);
    if (f.number == field::top_lnc_size) t.lnc_size = number_in(f);
    if (f.number == field::top_runtime) t.runtime = version(f.bytes);
    if (f.number == field::top_instance_type) t.instance_type = text_in(f);
    if (f.number == field::top_driver) t.driver = version(f.bytes);
    if (f.number == field::top_collectives) t.collectives = version(f.bytes);
    if (f.number == field::top_execution) execution(f.bytes);
    if (f.number == field::top_section) draft.sections.push_back(section(f.bytes));
    if (f.number == field::top_instance_id) t.instance_id = text_in(f);
  });
}

}  // namespace

Result<Draft> read_metadata(ByteView message) {
  MetadataReader reader;
  reader.top(message);
  if (!reader.ok)
    return fail(Code::Malformed, "metadata: the {} message is damaged", reader.damaged);
  if (reader.draft.cores.empty())
    return fail(Code::Malformed, "metadata: no core trace in it, expected one for each core");
  if (reader.draft.cores.size() == kMaxCores)
    reader.draft.trace.oddities.push_back(
        fmt::format("the trace names {} cores or more; the others are left out", kMaxCores));
  return std::move(reader.draft);
}

}  // namespace neuron::ntff

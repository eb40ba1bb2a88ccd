// SPDX-License-Identifier: Apache-2.0
#include "ntff/messages.h"

namespace neuron::ntff {

Message version_message(const Version& version) {
  Message m;
  m.number(field::version_major, version.major);
  m.number(field::version_minor, version.minor);
  m.number(field::version_patch, version.patch);
  m.text(field::version_git, version.git);
  return m;
}

Message edits_message(const Image& image) {
  Message m;
  m.number(field::edits_engine, image.engine);
  for (const Image::Range& range : image.ranges) {
    Message r;
    r.number(field::range_offset, range.offset);
    r.number(field::range_count, range.count);
    r.number(field::range_kind, range.kind);
    m.message(field::edits_range, r);
  }
  return m;
}

Message ring_message(const Ring& ring) {
  Message m;
  m.number(field::ring_engine, ring.engine);
  m.number(field::ring_index, ring.index);
  m.number(field::ring_kind, ring.kind);
  m.text(field::ring_queue, ring.queue);
  m.number(field::ring_event, ~std::uint64_t{0});
  for (const Trigger& trigger : ring.triggers) {
    Message t;
    t.number(field::trigger_id, trigger.id);
    t.number(field::trigger_packets, trigger.packets);
    t.number(field::trigger_from_descriptors, trigger.from_descriptors);
    t.number(field::trigger_to_descriptors, trigger.to_descriptors);
    m.message(field::ring_trigger, t);
  }
  return m;
}

}  // namespace neuron::ntff

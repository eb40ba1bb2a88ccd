// SPDX-License-Identifier: Apache-2.0
#include "view/formats/perfetto_writer.h"

#include <algorithm>

#include "view/formats/proto.h"

namespace neuron::view::perfetto {

using proto::bytes;
using proto::number;

std::uint64_t Writer::process(int pid, std::string_view name) {
  std::string process, descriptor;
  number(process, field::Process_pid, static_cast<std::uint64_t>(pid));
  bytes(process, field::Process_process_name, name);
  bytes(descriptor, field::TrackDescriptor_name, name);
  bytes(descriptor, field::TrackDescriptor_process, process);
  number(descriptor, field::TrackDescriptor_child_ordering, kExplicitOrder);
  return announce(descriptor);
}

std::uint64_t Writer::track(std::uint64_t parent, int rank, std::string_view name) {
  std::string descriptor;
  bytes(descriptor, field::TrackDescriptor_name, name);
  number(descriptor, field::TrackDescriptor_parent_uuid, parent);
  number(descriptor, field::TrackDescriptor_sibling_order_rank, static_cast<std::uint64_t>(rank));
  return announce(descriptor);
}

std::uint64_t Writer::counter(std::uint64_t parent, int rank, std::string_view name,
                              std::string_view unit) {
  std::string counter, descriptor;
  bytes(counter, field::Counter_unit_name, unit);
  bytes(descriptor, field::TrackDescriptor_name, name);
  number(descriptor, field::TrackDescriptor_parent_uuid, parent);
  number(descriptor, field::TrackDescriptor_sibling_order_rank, static_cast<std::uint64_t>(rank));
  bytes(descriptor, field::TrackDescriptor_counter, counter);
  return announce(descriptor);
}

std::uint64_t Writer::announce(const std::string& descriptor) {
  close();
  std::string numbered;
  number(numbered, field::TrackDescriptor_uuid, ++last_track_);
  packet({}, field::TracePacket_track_descriptor, numbered + descriptor);
  return last_track_;
}

void Writer::open(EventType type, std::uint64_t track, std::int64_t at_ps) {
  close();
  is_open_ = true;
  // A timeline may start before its window; Perfetto's clock does not go below zero.
  at_ps_ = std::max<std::int64_t>(at_ps, 0);
  number(event_, field::TrackEvent_type, type);
  number(event_, field::TrackEvent_track_uuid, track);
}

void Writer::begin_slice(std::uint64_t track, std::int64_t at_ps, std::string_view name) {
  open(kSliceBegin, track, at_ps);
  number(event_, field::TrackEvent_name_iid, intern(names_, field::Interned_event_names, name));
}

void Writer::end_slice(std::uint64_t track, std::int64_t at_ps) { open(kSliceEnd, track, at_ps); }

void Writer::instant(std::uint64_t track, std::int64_t at_ps, std::string_view name) {
  open(kInstant, track, at_ps);
  number(event_, field::TrackEvent_name_iid, intern(names_, field::Interned_event_names, name));
}

void Writer::value(std::uint64_t track, std::int64_t at_ps, double value) {
  open(kCounter, track, at_ps);
  proto::real(event_, field::TrackEvent_double_counter_value, value);
}

void Writer::note(std::string_view name, std::int64_t value) {
  note_.clear();
  number(note_, field::Annotation_name_iid,
         intern(note_names_, field::Interned_debug_annotation_names, name));
  number(note_, field::Annotation_int_value, static_cast<std::uint64_t>(value));
  bytes(event_, field::TrackEvent_debug_annotations, note_);
}

void Writer::note(std::string_view name, std::string_view value) {
  if (value.empty()) return;
  note_.clear();
  number(note_, field::Annotation_name_iid,
         intern(note_names_, field::Interned_debug_annotation_names, name));
  number(note_, field::Annotation_string_value_iid,
         intern(note_texts_, field::Interned_debug_annotation_string_values, value));
  bytes(event_, field::TrackEvent_debug_annotations, note_);
}

void Writer::flow(std::uint64_t id, bool is_end) {
  proto::fixed64(event_,
                 is_end ? field::TrackEvent_terminating_flow_ids : field::TrackEvent_flow_ids, id);
}

std::uint64_t Writer::intern(Ids& ids, unsigned kind, std::string_view text) {
  key_.assign(text);
  auto [at, is_new] = ids.try_emplace(key_, ids.size() + 1);
  if (is_new) {
    std::string entry;
    number(entry, field::InternedText_iid, at->second);
    bytes(entry, field::InternedText_text, text);
    bytes(interned_, kind, entry);
  }
  return at->second;
}

void Writer::close() {
  if (!is_open_) return;
  is_open_ = false;
  head_.clear();
  number(head_, field::TracePacket_timestamp, static_cast<std::uint64_t>(at_ps_ / 1000));
  if (!interned_.empty()) bytes(head_, field::TracePacket_interned_data, interned_);
  packet(head_, field::TracePacket_track_event, event_);
  event_.clear();
  interned_.clear();
}

void Writer::packet(std::string_view body, unsigned payload_field, std::string_view payload) {
  note_.assign(body);
  number(note_, field::TracePacket_sequence_id, kSequence);
  number(note_, field::TracePacket_sequence_flags,
         is_first_ ? kStateCleared | kNeedsState : kNeedsState);
  if (is_first_) number(note_, field::TracePacket_first_packet_on_sequence, 1);
  is_first_ = false;
  bytes(note_, payload_field, payload);
  bytes(spool_.text, field::Trace_packet, note_);
}

Result<> Writer::finish() {
  close();
  return spool_.flush();
}

}  // namespace neuron::view::perfetto

// SPDX-License-Identifier: Apache-2.0
#include "neff/debug.h"

#include <functional>

namespace neuron::neff {
namespace {

enum Field : std::uint32_t { kDescription = 1, kNext = 2, kRecord = 3, kEngine = 4, kSource = 5 };
enum RecordField : std::uint32_t { kId = 1, kName = 2, kParents = 3, kNote = 7 };
enum NoteField : std::uint32_t { kKey = 1, kValue = 2 };
enum Wire : std::uint32_t { kVarint = 0, kFixed64 = 1, kText = 2, kFixed32 = 5 };

std::optional<std::uint64_t> take_varint(Reader& in) {
  std::uint64_t value = 0;
  for (unsigned shift = 0; shift < 64; shift += 7) {
    const auto byte = in.take<std::uint8_t>();
    if (!in.ok()) return std::nullopt;
    value |= std::uint64_t{byte & 0x7fu} << shift;
    if (byte < 0x80) return value;
  }
  return std::nullopt;
}

/// One field: its number, and the value of a varint or the bytes of a text.
struct Part {
  std::uint64_t field = 0, number = 0;
  ByteView text;
};

std::optional<Part> take_part(Reader& in) {
  const auto key = take_varint(in);
  if (!key) return std::nullopt;
  Part part{*key >> 3, 0, {}};
  switch (*key & 7) {
    case kVarint: {
      const auto value = take_varint(in);
      if (!value) return std::nullopt;
      part.number = *value;
      return part;
    }
    case kText: {
      const auto size = take_varint(in);
      if (!size || *size > in.left()) return std::nullopt;
      part.text = in.take(*size);
      return part;
    }
    case kFixed64:
      in.take<std::uint64_t>();
      break;
    case kFixed32:
      in.take<std::uint32_t>();
      break;
    default:
      return std::nullopt;
  }
  if (!in.ok()) return std::nullopt;
  return part;
}

/// Calls `use` for every field; false when the bytes are no protobuf message.
bool each_part(ByteView bytes, const std::function<bool(const Part&)>& use) {
  Reader in(bytes);
  while (in.left() > 0) {
    const auto part = take_part(in);
    if (!part || !use(*part)) return false;
  }
  return true;
}

bool read_note(ByteView bytes, DebugRecord& record) {
  auto& note = record.notes.emplace_back();
  return each_part(bytes, [&](const Part& p) {
    if (p.field == kKey) note.first = text_of(p.text);
    if (p.field == kValue) note.second = text_of(p.text);
    return true;
  });
}

bool read_record(ByteView bytes, DebugRecord& record) {
  return each_part(bytes, [&](const Part& p) {
    if (p.field == kId) record.id = p.number;
    if (p.field == kName) record.name = text_of(p.text);
    if (p.field == kNote) return read_note(p.text, record);
    if (p.field == kParents) {
      if (p.text.empty()) record.parents.push_back(p.number);  // a parser may unpack a single one
      Reader packed(p.text);
      while (packed.left() > 0) {
        const auto id = take_varint(packed);
        if (!id) return false;
        record.parents.push_back(*id);
      }
    }
    return true;
  });
}

void put_varint(Writer& out, std::uint64_t value) {
  for (; value >= 0x80; value >>= 7) out.put(static_cast<std::uint8_t>(value | 0x80));
  out.put(static_cast<std::uint8_t>(value));
}
void put_number(Writer& out, std::uint32_t field, std::uint64_t value) {
  put_varint(out, field << 3 | kVarint);
  put_varint(out, value);
}
void put_text(Writer& out, std::uint32_t field, ByteView text) {
  put_varint(out, field << 3 | kText);
  put_varint(out, text.size());
  out.append(text);
}

Bytes bytes_of(const DebugRecord& record) {
  Writer out;
  if (record.id != 0) put_number(out, kId, record.id);
  if (!record.name.empty()) put_text(out, kName, view_of(record.name));
  if (!record.parents.empty()) {
    Writer packed;
    for (std::uint64_t id : record.parents) put_varint(packed, id);
    put_text(out, kParents, packed.bytes());
  }
  for (const auto& [key, value] : record.notes) {
    Writer note;
    put_text(note, kKey, view_of(key));
    put_text(note, kValue, view_of(value));
    put_text(out, kNote, note.bytes());
  }
  return std::move(out).take();
}

}  // namespace

std::optional<DebugFile> read_debug(ByteView bytes) {
  DebugFile file;
  const bool whole = each_part(bytes, [&](const Part& p) {
    if (p.field == kDescription) file.description = text_of(p.text);
    if (p.field == kNext) file.next = text_of(p.text);
    if (p.field == kEngine) file.engine = p.number;
    if (p.field == kSource) file.sources.emplace_back(text_of(p.text));
    return p.field != kRecord || read_record(p.text, file.records.emplace_back());
  });
  if (!whole) return std::nullopt;
  return file;
}

Bytes bytes_of(const DebugFile& file) {
  Writer out;
  put_text(out, kDescription, view_of(file.description));
  if (!file.next.empty()) put_text(out, kNext, view_of(file.next));
  for (const DebugRecord& record : file.records) put_text(out, kRecord, bytes_of(record));
  if (file.engine != 0) put_number(out, kEngine, file.engine);
  for (const std::string& source : file.sources) put_text(out, kSource, view_of(source));
  return std::move(out).take();
}

}  // namespace neuron::neff

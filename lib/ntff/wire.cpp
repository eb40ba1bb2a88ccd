// SPDX-License-Identifier: Apache-2.0
#include "ntff/wire.h"

namespace neuron::ntff {
namespace {
enum Wire : std::uint64_t { kVarint = 0, kFixed64 = 1, kLengthDelimited = 2, kFixed32 = 5 };
}  // namespace

std::uint64_t Fields::varint() {
  std::uint64_t value = 0;
  for (unsigned shift = 0; shift < 64; shift += 7) {
    const auto part = in_.take<std::uint8_t>();
    if (!in_.ok()) break;
    value |= std::uint64_t{part & 0x7fu} << shift;
    if (part < 0x80) return value;
  }
  ok_ = false;
  return 0;
}

bool Fields::next(Field& field) {
  if (!ok_ || in_.left() == 0) return false;
  const std::uint64_t tag = varint();
  field = {};
  field.number = static_cast<std::uint32_t>(tag >> 3);
  switch (tag & 7) {
    case kVarint:
      field.value = varint();
      break;
    case kFixed64:
      field.bytes = in_.take(8);
      break;
    case kLengthDelimited: {
      const std::uint64_t size = varint();
      ok_ = ok_ && size <= in_.left();
      if (ok_) field.bytes = in_.take(size);
      break;
    }
    case kFixed32:
      field.bytes = in_.take(4);
      break;
    default:
      ok_ = false;
  }
  ok_ = ok_ && in_.ok() && field.number != 0 && tag >> 32 == 0;
  return ok_;
}

void Message::varint(std::uint64_t value) {
  for (; value >= 0x80; value >>= 7) out_.put(static_cast<std::uint8_t>(value | 0x80));
  out_.put(static_cast<std::uint8_t>(value));
}

void Message::number(std::uint32_t field, std::uint64_t value) {
  if (value == 0) return;
  varint(std::uint64_t{field} << 3 | kVarint);
  varint(value);
}

void Message::text(std::uint32_t field, std::string_view text) { bytes(field, view_of(text)); }

void Message::bytes(std::uint32_t field, ByteView bytes) {
  if (bytes.empty()) return;
  varint(std::uint64_t{field} << 3 | kLengthDelimited);
  varint(bytes.size());
  out_.append(bytes);
}

void Message::message(std::uint32_t field, const Message& message) {
  varint(std::uint64_t{field} << 3 | kLengthDelimited);
  varint(message.wire().size());
  out_.append(message.wire());
}

}  // namespace neuron::ntff

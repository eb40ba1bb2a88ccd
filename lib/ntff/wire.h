// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "base/bytes.h"

/// The wire format of protobuf messages, as much of it as traces use, and the numbers of their
/// fields.
namespace neuron::ntff {

namespace field {
#define NTFF_FIELD(message, name, number, wire, sentence) \
  inline constexpr std::uint32_t message##_##name = number;
#include "ntff/fields.def"
#undef NTFF_FIELD
}  // namespace field

/// One field of a message: `value` when it is a number, `bytes` when it is anything else.
struct Field {
  std::uint32_t number = 0;
  std::uint64_t value = 0;
  ByteView bytes;
};

/// The fields of one message in their order. Ends early, with ok() false, where they are damaged.
class Fields {
 public:
  explicit Fields(ByteView message) : in_(message) {}
  /// The next field; false at the end and at damage.
  bool next(Field& field);
  bool ok() const { return ok_; }

 private:
  std::uint64_t varint();
  Reader in_;
  bool ok_ = true;
};

/// A message under construction. As in proto3, what is zero or empty is left out.
class Message {
 public:
  void number(std::uint32_t field, std::uint64_t value);
  void text(std::uint32_t field, std::string_view text);
  void bytes(std::uint32_t field, ByteView bytes);
  /// Also when it is empty.
  void message(std::uint32_t field, const Message& message);
  const Bytes& wire() const { return out_.bytes(); }

 private:
  void varint(std::uint64_t value);
  Writer out_;
};

}  // namespace neuron::ntff

// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <bit>
#include <cstdint>
#include <string>
#include <string_view>

/// The protobuf wire format, written by hand: field number and value, appended to a string.
namespace neuron::view::proto {

inline void varint(std::string& out, std::uint64_t value) {
  for (; value >= 0x80; value >>= 7) out += static_cast<char>(value | 0x80);
  out += static_cast<char>(value);
}
inline void number(std::string& out, unsigned field, std::uint64_t value) {
  varint(out, field << 3);
  varint(out, value);
}
inline void bytes(std::string& out, unsigned field, std::string_view value) {
  varint(out, field << 3 | 2);
  varint(out, value.size());
  out += value;
}
inline void fixed64(std::string& out, unsigned field, std::uint64_t value) {
  varint(out, field << 3 | 1);
  for (int i = 0; i < 8; ++i, value >>= 8) out += static_cast<char>(value);
}
inline void real(std::string& out, unsigned field, double value) {
  fixed64(out, field, std::bit_cast<std::uint64_t>(value));
}

}  // namespace neuron::view::proto

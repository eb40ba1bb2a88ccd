// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace neuron::neff {

#pragma pack(push, 1)
/// The first 1024 bytes of a NEFF, as they lie in the file. Rows: header.def.
struct Header {
#define NEFF_U64(at, field, doc) std::uint64_t field = 0;
#define NEFF_U32(at, field, doc) std::uint32_t field = 0;
#define NEFF_BYTE(at, size, field, doc) std::array<std::byte, size> field{};
#define NEFF_TEXT(at, size, field, doc) std::array<char, size> field{};
#include "neff/header.def"
#undef NEFF_U64
#undef NEFF_U32
#undef NEFF_BYTE
#undef NEFF_TEXT
};
#pragma pack(pop)

static_assert(sizeof(Header) == 1024);
#define NEFF_U64(at, field, doc) static_assert(offsetof(Header, field) == at);
#define NEFF_U32(at, field, doc) static_assert(offsetof(Header, field) == at);
#define NEFF_BYTE(at, size, field, doc) static_assert(offsetof(Header, field) == at);
#define NEFF_TEXT(at, size, field, doc) static_assert(offsetof(Header, field) == at);
#include "neff/header.def"
#undef NEFF_U64
#undef NEFF_U32
#undef NEFF_BYTE
#undef NEFF_TEXT

/// A text field up to its first NUL.
template <std::size_t N>
std::string_view text_of(const std::array<char, N>& field) {
  std::string_view all(field.data(), N);
  return all.substr(0, all.find('\0'));
}

}  // namespace neuron::neff

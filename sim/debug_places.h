// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <charconv>
#include <string>
#include <string_view>
#include <vector>

#include "sim/debug.h"

/// What words of the debugger's commands name.
namespace neuron::sim {

using Words = std::vector<std::string>;

template <class T>
bool number_in(const std::string& word, T& out) {
  const bool hex = word.starts_with("0x");
  const char* begin = word.data() + (hex ? 2 : 0);
  const char* end = word.data() + word.size();
  return std::from_chars(begin, end, out, hex ? 16 : 10).ptr == end && begin != end;
}

/// By token or by shown name; -1 for other words.
int engine_in(std::string_view word);

/// Memory that words name, from its first byte to the end of its partition or variable.
struct Place {
  std::span<const std::byte> bytes;  ///< empty for words that name none
  DType type = DType::Float32;
  std::size_t words = 0;  ///< how many words of the command it took
};
/// "sbuf PARTITION OFFSET", "psum BANK PARTITION OFFSET" or a variable, with "SUBGRAPH/" before it
/// for another core than the first.
Place place_in(const Words& words, std::size_t at, std::span<const Part> parts,
               const DebugNames& names);

/// The command that a word is, or begins as the only one; one letter is the first in the table.
std::string_view command_in(const std::string& word);
std::string help_text();

/// What "expect PLACE [TYPE] VALUE..." finds.
struct Comparison {
  std::string mistake;  ///< why it is no such command
  std::vector<std::string> differences;
};
Comparison compare(const Words& words, std::span<const Part> parts, const DebugNames& names);

}  // namespace neuron::sim

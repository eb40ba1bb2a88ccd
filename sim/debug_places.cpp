// SPDX-License-Identifier: Apache-2.0
#include "sim/debug_places.h"

#include <cmath>
#include <cstdlib>

#include "base/numbers.h"
#include "sim/loaded.h"

namespace neuron::sim {
namespace {

struct Row {
  std::string_view word, operands, sentence;
};
constexpr Row kRows[] = {
#define NEURON_DEBUG(word, operands, sentence) {word, operands, sentence},
#include "sim/debug_commands.def"
#undef NEURON_DEBUG
};

/// Takes "sg01/" off a word; the first core where there is none.
const Part* core_in(std::string& word, std::span<const Part> parts) {
  const auto slash = word.find('/');
  if (slash == std::string::npos) return &parts[0];
  for (const Part& part : parts)
    if (part.loaded->program.name == word.substr(0, slash)) {
      word.erase(0, slash + 1);
      return &part;
    }
  return &parts[0];  // names of variables may hold a slash
}

Place variable_in(const std::string& word, std::span<const Part> parts, const DebugNames& names) {
  for (const Part& part : parts) {
    const auto& variables = part.loaded->program.variables;
    for (std::size_t v = 0; v < variables.size() && v < part.variables.size(); ++v)
      if (variables[v].name == word && !part.variables[v].empty()) {
        const DType type = names.type_of(word);
        return {part.variables[v], type == DType::Unknown ? DType::UInt8 : type, 1};
      }
  }
  return {};
}

}  // namespace

int engine_in(std::string_view word) {
  for (int e = 0; e < isa::kEngines; ++e) {
    const isa::EngineInfo& info = isa::info(static_cast<isa::Engine>(e));
    if (word == info.token || word == info.shown) return e;
  }
  return -1;
}

Place place_in(const Words& w, std::size_t at, std::span<const Part> parts,
               const DebugNames& names) {
  if (at >= w.size()) return {};
  std::uint64_t n[3] = {};
  const auto numbers = [&](std::size_t count) {
    for (std::size_t i = 0; i < count; ++i)
      if (at + 1 + i >= w.size() || !number_in(w[at + 1 + i], n[i])) return false;
    return n[count == 3 ? 1 : 0] < isa::kPartitions;
  };
  std::string kind = w[at];
  Core& core = *core_in(kind, parts)->core;
  const isa::Arch& arch = isa::arch(core.arch());
  const auto row = [&](std::uint64_t base, std::uint64_t partition, std::uint64_t offset,
                       std::uint64_t size, std::size_t words) -> Place {
    if (offset >= size) return {};
    return {core.memory().subspan(base + partition * isa::kPartitionStride + offset, size - offset),
            DType::Float32, words};
  };
  if (kind == "sbuf" && numbers(2)) return row(0, n[0], n[1], arch.sbuf_partition_bytes, 3);
  if (kind == "psum" && numbers(3) && n[0] < arch.psum_partition_bytes / isa::kPsumBankBytes)
    return row(isa::kPsumBase, n[1], n[0] * isa::kPsumBankBytes + n[2], arch.psum_partition_bytes,
               4);
  return variable_in(w[at], parts, names);
}

std::string_view command_in(const std::string& word) {
  if (word == "x") return "disassemble";
  std::string_view found;
  for (const Row& row : kRows) {
    if (row.word == word) return row.word;
    if (!row.word.starts_with(word) || row.word == found) continue;
    if (!found.empty()) return word.size() > 1 ? std::string_view() : found;
    found = row.word;
  }
  return found;
}

std::string help_text() {
  std::string out;
  for (const Row& row : kRows)
    out += fmt::format("{:<27}{}\n", fmt::format("{} {}", row.word, row.operands), row.sentence);
  return out +
         "A PLACE is sbuf PARTITION OFFSET, psum BANK PARTITION OFFSET (SUBGRAPH/sbuf with two\n"
         "cores), or the name of a variable. The first letters of a command stand for it, and an\n"
         "empty line for the command before it.\n";
}

namespace {

bool equal_to(double found, double wanted) {
  if (std::isnan(wanted)) return std::isnan(found);
  if (std::isinf(wanted)) return wanted == found;
  return std::fabs(found - wanted) <= 1e-5 * std::max(1.0, std::fabs(wanted));
}

}  // namespace

Comparison compare(const Words& w, std::span<const Part> parts, const DebugNames& names) {
  Place place = place_in(w, 1, parts, names);
  std::size_t next = 1 + place.words;
  if (!place.bytes.empty() && next < w.size())
    if (const auto type = dtype_named(w[next])) place.type = *type, ++next;
  if (place.bytes.empty() || next == w.size())
    return {"expect takes a place, and values, with their type before them", {}};
  Comparison out;
  for (std::size_t i = 0; next + i < w.size(); ++i) {
    char* end = nullptr;
    const double wanted = std::strtod(w[next + i].c_str(), &end);
    if (*end != 0) return {"'" + w[next + i] + "' is no number", {}};
    if ((i + 1) * size_of(place.type) > place.bytes.size()) return {"the place ends before", {}};
    const double found = load_as_float(place.bytes, i, place.type);
    if (!equal_to(found, wanted))
      out.differences.push_back(
          fmt::format("element {} is {:.6g}, expected {:.6g}", i, found, wanted));
  }
  return out;
}

}  // namespace neuron::sim

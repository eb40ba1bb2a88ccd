// SPDX-License-Identifier: Apache-2.0
// Instructions: described, printed, assembled back to the same bytes, decoded and encoded.
#include <cassert>

#include "isa/assembly.h"
#include "isa/cost.h"

namespace {

using namespace neuron;

void one(ByteView word) {
  const isa::Described described = isa::describe(word);
  const std::string text = isa::assembly_of(word);
  const auto back = isa::assemble_one(text);
  assert(back && std::ranges::equal(*back, word));
  (void)isa::text_of(described.instruction);
  const auto decoded = isa::decode_one(word);
  assert(static_cast<bool>(decoded) == described.wrong.empty());
  if (!decoded) return;
  for (int e = 0; e < isa::kEngines; ++e)
    (void)isa::cost(*decoded, static_cast<isa::Engine>(e), isa::timing(isa::ArchId::V3), 2.4);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView bytes = std::as_bytes(std::span(data, size));
  for (std::size_t at = 0; at + isa::kInstructionBytes <= size; at += isa::kInstructionBytes)
    one(bytes.subspan(at, isa::kInstructionBytes));
  // The same bytes as lines of assembly.
  const auto line = text_of(bytes.first(std::min<std::size_t>(size, 4096)));
  (void)isa::assemble_one(line);
  (void)isa::decode(isa::Engine::Vector, bytes);
  return 0;
}

// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstdlib>

#include "neff/archive.h"

// The archive alone, without a header in front of it: walked in pieces, and read at once into a
// temporary file or into memory, all of which must agree.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace neuron::neff;
  const auto payload = neuron::SharedBytes::borrowed(std::as_bytes(std::span(data, size)));
  constexpr Limits kLimits{.members = 1000, .bytes = 1 << 24, .ratio = 256};
  const auto members = read_archive(payload, kLimits);
  const auto in_memory = read_archive(payload, kLimits, Inflate::ToMemory);
  if (bool(members) != bool(in_memory)) std::abort();
  if (members && !std::ranges::equal(*members, *in_memory, {}, &Member::bytes, &Member::bytes))
    std::abort();
  ArchiveWalk walk(payload, kLimits);
  std::size_t count = 0;
  bool whole = true;
  while (true) {
    const auto entry = walk.next();
    whole = static_cast<bool>(entry);
    if (!whole || !*entry) break;
    std::uint64_t length = 0;
    while (true) {
      const auto piece = walk.piece();
      whole = static_cast<bool>(piece);
      if (!whole || piece->empty()) break;
      length += piece->size();
    }
    if (!whole) break;
    if (members && (count >= members->size() || (*members)[count].bytes.size() != length))
      std::abort();
    ++count;
  }
  if (members && (!whole || count != members->size())) std::abort();
  return 0;
}

// SPDX-License-Identifier: Apache-2.0
#include <cstdlib>

#include "neff/neff.h"

// What is read, written and read again is the same: header fields that a writer does not fill in,
// paths, bytes and order of members, in both compressions.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace neuron::neff;
  const auto package = parse(std::as_bytes(std::span(data, size)));
  if (!package) return 0;
  for (const auto compression : {Compression::Gzip, Compression::None}) {
    const auto file = bytes_of(*package, compression);
    if (!file) std::abort();
    const auto back = parse(*file);
    if (!back || back->members.size() != package->members.size()) std::abort();
    for (std::size_t i = 0; i < back->members.size(); ++i)
      if (back->members[i].path != package->members[i].path ||
          !(back->members[i].bytes == package->members[i].bytes))
        std::abort();
    if (!hash_matches(back->header, back->archive)) std::abort();
    if (back->header.name != package->header.name) std::abort();
    const auto twice = bytes_of(*back, compression);
    if (!twice || *twice != *file) std::abort();
  }
  return 0;
}

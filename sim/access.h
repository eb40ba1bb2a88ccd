// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <vector>

#include "sim/loaded.h"

/// What an instruction or a transfer reads and writes, for those who look on: byte for byte what
/// the bodies in ops/ and dma.cpp touch.
namespace neuron::sim {

struct Access {
  const char* operand;  ///< "src", "dst", "bias"
  View view;
  bool writes = false;
};
/// Operands of one instruction in SBUF and PSUM, reads first.
std::vector<Access> accesses_of(const bound::Operation& op);

struct SideAccess {
  const Side* side;
  bool writes = false;
};
std::vector<SideAccess> accesses_of(const Transfer& transfer);

/// Calls `body(first, bytes)` for each run of bytes that a view touches in its first partition.
template <class Body>
void each_run(const View& v, Body body) {
  const bool runs = v.steps[0] == v.size || v.nums[0] == 1;
  for (std::uint32_t l = 0; l < v.nums[3]; ++l)
    for (std::uint32_t k = 0; k < v.nums[2]; ++k)
      for (std::uint32_t j = 0; j < v.nums[1]; ++j) {
        const std::int64_t at = v.at + std::int64_t{v.steps[3]} * l + std::int64_t{v.steps[2]} * k +
                                std::int64_t{v.steps[1]} * j;
        if (runs) {
          body(static_cast<std::uint64_t>(at), std::uint64_t{v.nums[0]} * v.size);
          continue;
        }
        for (std::uint32_t i = 0; i < v.nums[0]; ++i)
          body(static_cast<std::uint64_t>(at + std::int64_t{v.steps[0]} * i),
               std::uint64_t{v.size});
      }
}
/// The same for a side of a descriptor; offsets are those in its variable.
template <class Body>
void each_run(const Side& s, Body body) {
  const bool runs = s.steps[0] == 1;
  for (std::int64_t l = 0; l < s.sizes[3]; ++l)
    for (std::int64_t k = 0; k < s.sizes[2]; ++k)
      for (std::int64_t j = 0; j < s.sizes[1]; ++j) {
        const std::int64_t at = s.offset + s.steps[3] * l + s.steps[2] * k + s.steps[1] * j;
        if (runs) {
          body(static_cast<std::uint64_t>(at), static_cast<std::uint64_t>(s.sizes[0]));
          continue;
        }
        for (std::int64_t i = 0; i < s.sizes[0]; ++i)
          body(static_cast<std::uint64_t>(at + s.steps[0] * i), std::uint64_t{1});
      }
}

/// "SBUF partition 3 byte 0x200", "PSUM bank 2 partition 0 byte 0x10" for a linear address.
std::string place_of(std::uint64_t address);

}  // namespace neuron::sim

// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"

/// What an instruction set tells of one instruction. This library knows none: who wants programs
/// checked or counted by name hands in a reader, as cmd/packager/instructions.cpp does.
namespace neuron::neff {

inline constexpr std::size_t kInstructionBytes = 64;

/// Bytes of a variable that an instruction moves.
struct Access {
  bool through_table = false;  ///< `id` is an index of the DGE table, else a variable id
  std::uint32_t id = 0;
  std::int64_t first = 0, last = 0;  ///< bytes from the variable's start; last < first: none
};
struct Signal {
  std::uint32_t semaphore = 0, value = 0;
};
struct Started {
  std::string queue;
  std::uint32_t id = 0;
};
struct InstructionFacts {
  std::string name;     ///< "MATMUL", or "0x67" for one that has no name here
  std::string unknown;  ///< why it is not understood; empty when it is
  bool wrong_engine = false;
  std::array<std::optional<Signal>, 2> waits;    ///< starts when each semaphore has the value
  std::array<std::optional<Signal>, 2> signals;  ///< when done, each semaphore grows by the value
  std::optional<Started> starts;                 ///< a transfer of {Engine}.json
  bool needs_dynamic_queue = false;
  std::array<std::optional<Access>, 2> accesses;
};
/// `target` is the generation's word in the kelf, `engine` the token of def.json. Nothing for a
/// generation whose instructions it does not know.
using InstructionReader = std::function<std::optional<InstructionFacts>(
    std::string_view target, std::string_view engine, ByteView word)>;

}  // namespace neuron::neff

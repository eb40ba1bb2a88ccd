// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>

#include "sim/loaded.h"

/// The registers of an engine's sequencer: 64 of 32 bits, zero at first.
namespace neuron::sim {

inline constexpr unsigned kRegisters = 64;  // published
using Registers = std::array<std::uint32_t, kRegisters>;

std::uint32_t result_of(const bound::register_alu& in, const Registers& r);
std::uint32_t result_of(const bound::register_op& in, const Registers& r);
/// Does it go to its target?
bool is_taken(const bound::compare_branch& in, const Registers& r);

}  // namespace neuron::sim

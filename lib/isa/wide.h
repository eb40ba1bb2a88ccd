// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>

/// wide.def as codes.
namespace neuron::isa {

enum class Wide : std::uint8_t {
#define NEURON_WIDE(name, code, integer, number) name = code,
#include "isa/wide.def"
#undef NEURON_WIDE
};

}  // namespace neuron::isa

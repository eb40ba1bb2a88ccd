// SPDX-License-Identifier: Apache-2.0
#pragma once

/// What NeuronCore-v1's costs are made of, for little of them is published: costs of v2 times one
/// of these, as the tables' column for v1 says.
namespace neuron::isa::parametric {

struct Clocks {
  double pe, dve, act, pool, base;
};
inline constexpr Clocks kClocks[] = {
#define NEURON_ARCH(id, name, parametric, target, sbuf, psum, pe, dve, act, pool, base, ...) \
  {pe, dve, act, pool, base},
#include "isa/archs.def"
#undef NEURON_ARCH
};
/// As many cycles as v2 takes.
inline constexpr double kPe = kClocks[1].pe / kClocks[0].pe;
inline constexpr double kDve = kClocks[1].dve / kClocks[0].dve;
inline constexpr double kAct = kClocks[1].act / kClocks[0].act;
inline constexpr double kPool = kClocks[1].pool / kClocks[0].pool;
inline constexpr double kBase = kClocks[1].base / kClocks[0].base;
inline constexpr double kSame = 1;

}  // namespace neuron::isa::parametric

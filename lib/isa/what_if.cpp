// SPDX-License-Identifier: Apache-2.0
#include "isa/what_if.h"

namespace neuron::isa {
namespace {

struct ArchConstant {
  const char* name;
  double Arch::*field;
};
constexpr ArchConstant kOfArch[] = {{"tensor_ghz", &Arch::tensor_ghz},
                                    {"vector_ghz", &Arch::vector_ghz},
                                    {"scalar_ghz", &Arch::scalar_ghz},
                                    {"gpsimd_ghz", &Arch::gpsimd_ghz},
                                    {"hbm_bytes_per_ns", &Arch::hbm_bytes_per_ns},
                                    {"dma_bytes_per_ns", &Arch::dma_bytes_per_ns}};

}  // namespace

std::vector<Constant> constants(const Timing& timing) {
  std::vector<Constant> all;
#define NEURON_COST(field, v1, v2, v3, v4, source) all.push_back({#field, timing.costs.field});
#include "isa/costs.def"
#undef NEURON_COST
  for (const ArchConstant& row : kOfArch) all.push_back({row.name, timing.arch.*row.field});
  return all;
}

bool set_constant(Timing& timing, std::string_view name, double value) {
#define NEURON_COST(field, v1, v2, v3, v4, source) \
  if (name == #field) {                            \
    timing.costs.field = value;                    \
    return true;                                   \
  }
#include "isa/costs.def"
#undef NEURON_COST
  for (const ArchConstant& row : kOfArch)
    if (name == row.name) {
      timing.arch.*row.field = value;
      return true;
    }
  return false;
}

}  // namespace neuron::isa

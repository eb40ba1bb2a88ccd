// SPDX-License-Identifier: Apache-2.0
#include "isa/arch.h"

#include <algorithm>
#include <string>

#include "isa/what_if.h"

namespace neuron::isa {
namespace {
constexpr Arch kArchs[] = {
#define NEURON_ARCH(id, name, target, sbuf, psum, pe, dve, act, pool, base, rings, hbm, dma) \
  {ArchId::id, name, target, sbuf * 1024, psum * 1024, pe, dve, act, pool, base, rings, hbm, dma},
#include "isa/archs.def"
#undef NEURON_ARCH
};
Arch archs[] = {kArchs[0], kArchs[1], kArchs[2]};
static_assert(std::size(kArchs) == std::size(archs));
constexpr Target kTargets[] = {
#define NEURON_TARGET(word, id, lnc, instance) {word, ArchId::id, lnc, instance},
#include "isa/targets.def"
#undef NEURON_TARGET
};
}  // namespace

const Arch& arch(ArchId id) { return archs[static_cast<int>(id)]; }

bool set_arch_constant(std::string_view name, double value) {
  double Arch::*field = name == "tensor_ghz"         ? &Arch::tensor_ghz
                        : name == "vector_ghz"       ? &Arch::vector_ghz
                        : name == "scalar_ghz"       ? &Arch::scalar_ghz
                        : name == "gpsimd_ghz"       ? &Arch::gpsimd_ghz
                        : name == "hbm_bytes_per_ns" ? &Arch::hbm_bytes_per_ns
                        : name == "dma_bytes_per_ns" ? &Arch::dma_bytes_per_ns
                                                     : nullptr;
  if (field == nullptr) return false;
  for (Arch& row : archs) row.*field = value;
  return true;
}

void reset_archs() { std::copy(std::begin(kArchs), std::end(kArchs), std::begin(archs)); }

std::optional<ArchId> arch_of_kelf_target(std::string_view target) {
  for (const Arch& row : kArchs)
    if (target == row.target) return row.id;
  return std::nullopt;
}

const Target* find_target(std::string_view word) {
  for (const Target& row : kTargets)
    if (word == row.word) return &row;
  return nullptr;
}

std::string_view target_words() {
  static const std::string words = [] {
    std::string all;
    for (const Target& row : kTargets) all += (all.empty() ? "" : ", ") + std::string(row.word);
    return all;
  }();
  return words;
}

}  // namespace neuron::isa

// SPDX-License-Identifier: Apache-2.0
#include "isa/arch.h"

#include <string>

namespace neuron::isa {
namespace {
constexpr Arch kRows[] = {
#define NEURON_ARCH(id, name, parametric, target, sbuf, psum, pe, dve, act, pool, base, rings, \
                    hbm, dma)                                                                  \
  {ArchId::id, name, parametric, target, sbuf * 1024, psum * 1024, pe,                         \
   dve,        act,  pool,       base,   rings,       hbm,         dma},
#include "isa/archs.def"
#undef NEURON_ARCH
};
constexpr Target kTargets[] = {
#define NEURON_TARGET(word, id, lnc, instance) {word, ArchId::id, lnc, instance},
#include "isa/targets.def"
#undef NEURON_TARGET
};
}  // namespace

const Arch& arch(ArchId id) { return kRows[static_cast<int>(id)]; }

std::optional<ArchId> arch_of_kelf_target(std::string_view target) {
  for (const Arch& row : kRows)
    if (target == row.target) return row.id;
  return std::nullopt;
}

std::string timed_name(const Arch& arch) {
  return std::string(arch.name) + (arch.is_parametric ? " (parametric)" : "");
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

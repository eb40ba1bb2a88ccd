// SPDX-License-Identifier: Apache-2.0
#include "host/host.h"

#include <cstdlib>
#include <string>

namespace neuron::host {
namespace {
constexpr Instance kInstances[] = {
#define NEURON_INSTANCE(type, arch, devices, cores, gib, family, size) \
  {type, Generation::arch, devices, cores, gib * (1ull << 30), family, size},
#include "host/instances.def"
#undef NEURON_INSTANCE
};
}  // namespace

const Instance* find_instance(std::string_view type) {
  for (const Instance& row : kInstances)
    if (type == row.type) return &row;
  return nullptr;
}

Result<const Instance*> instance() {
  const char* type = std::getenv("NEURON_SIM_INSTANCE");
  if (!type || !*type) return nullptr;
  if (const Instance* row = find_instance(type)) return row;
  std::string known;
  for (const Instance& row : kInstances)
    known += (known.empty() ? "" : ", ") + std::string(row.type);
  return fail(Code::NotFound, "NEURON_SIM_INSTANCE is {}, known are {}", type, known);
}

const Instance& default_instance(Generation generation) {
  return *find_instance(generation == Generation::V2 ? "trn1.32xlarge" : "trn2.48xlarge");
}

}  // namespace neuron::host

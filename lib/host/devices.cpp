// SPDX-License-Identifier: Apache-2.0
#include "host/devices.h"

#include <string_view>

namespace neuron::host {
namespace {

struct Row {
  std::string_view layout;
  std::uint32_t index;
  const char *pci, *cpus;
  int numa_node;
};
constexpr Row kRows[] = {
#define NEURON_DEVICE(layout, index, pci, cpus, numa) {#layout, index, pci, cpus, numa},
#include "host/devices.def"
#undef NEURON_DEVICE
};

/// Up, left, down, right in the board of 4 by 4, then the boards before and after.
std::vector<std::uint32_t> torus_neighbours(std::uint32_t at, std::uint32_t devices) {
  const std::uint32_t board = at / 16 * 16, row = at % 16 / 4, column = at % 4;
  const auto place = [&](std::uint32_t r, std::uint32_t c) { return board + r % 4 * 4 + c % 4; };
  std::vector<std::uint32_t> next{place(row + 3, column), place(row, column + 3),
                                  place(row + 1, column), place(row, column + 1)};
  if (devices > 16) {
    next.push_back((at + devices - 16) % devices);
    next.push_back((at + 16) % devices);
  }
  return next;
}

std::vector<std::uint32_t> neighbours(const Instance& instance, std::uint32_t at) {
  const std::uint32_t n = instance.devices;
  std::vector<std::uint32_t> next;
  switch (instance.links) {
    case Links::None:
      break;
    case Links::Torus:
      return torus_neighbours(at, n);
    case Links::Ring:
      return {(at + n - 1) % n, (at + 1) % n};
    case Links::Line:
      if (at > 0) next.push_back(at - 1);
      // Inferentia's own order: the next device first.
      if (at + 1 < n)
        next.insert(instance.generation == Generation::V1 ? next.begin() : next.end(), at + 1);
  }
  return next;
}

}  // namespace

std::vector<Device> devices_of(const Instance& instance) {
  std::uint32_t rows = 0;  // of the layout: an UltraServer has several boxes of them
  for (const Row& row : kRows) rows += row.layout == instance.layout ? 1 : 0;
  std::vector<Device> devices;
  for (std::uint32_t at = 0; at < instance.devices; ++at)
    for (const Row& row : kRows)
      if (row.layout == instance.layout && row.index == at % rows)
        devices.push_back({at, row.pci, row.cpus, row.numa_node, neighbours(instance, at)});
  return devices;
}

GenerationNames names_of(const Instance& instance, std::uint32_t lnc) {
  const bool is_inferentia = std::string_view(instance.type).starts_with("inf");
  switch (instance.generation) {
    case Generation::V1:
      return {"inferentia", "v1", "v1", "NCv1", "Inferentia"};
    case Generation::V2:
      if (is_inferentia) return {"inferentia2", "v3", "v2", "NCv2", "Inferentia2"};
      return {"trainium1", "v2", "v2", "NCv2", "Trainium1"};
    case Generation::V3:
      break;
  }
  return {"trainium2", "v4", lnc == 2 ? "v3d" : "v3", "NCv3", "Trainium2"};
}

}  // namespace neuron::host

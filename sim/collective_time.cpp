// SPDX-License-Identifier: Apache-2.0
#include "sim/collective_time.h"

#include <algorithm>
#include <cmath>

namespace neuron::sim {
namespace {

// Published: hops of 1 to 2 us inside a box (intra-node collectives guide), 15 us between boxes
// (inter-node guide); mesh below 1 MB, recursive to 56 MB, then KangaRing (intra-node guide).
constexpr double kHop = 1.5e-6, kNetworkHop = 15e-6;
constexpr double kMeshMost = 1e6, kRecursiveMost = 56e6;
/// Fitted: the smallest published all-gather of 32 ranks takes 6.16 us, of which one hop is known.
constexpr double kStart = 4.6e-6;
/// Fitted to the published examples of nccom-test; sim/README.md tells how near it comes.
constexpr double kEfficiency = 0.7;
/// Times that the bytes of a pair of ranks pass the HBM of their device (intra-node guide): in a
/// reduction and in a copy.
constexpr double kReduceTouches = 6, kCopyTouches = 4;

struct Row {
  const char* type;
  double links, network, memory;
};
constexpr Row kRows[] = {
#define NEURON_COLLECTIVE_LINKS(type, links, network, memory) {type, links, network, memory},
#include "sim/collective_links.def"
#undef NEURON_COLLECTIVE_LINKS
};

/// Ranks of one box, and the devices that they sit on.
struct Part {
  double ranks, devices, per_device;
};
Part part_of(const CollectiveWorld& w) {
  const double ranks = std::ceil(static_cast<double>(w.ranks) / w.boxes);
  const double per_device = std::min<double>(ranks, w.ranks_per_device);
  return {ranks, std::ceil(ranks / per_device), per_device};
}

/// How many links a byte passes on its way to a random other device of the box.
double distance(CollectiveShape shape, double devices) {
  if (devices <= 2 || shape == CollectiveShape::Single) return 1;
  if (shape == CollectiveShape::Line) return (devices + 1) / 3;
  if (shape == CollectiveShape::Ring) return devices / 4 * devices / (devices - 1);
  const double side = std::sqrt(devices);  // a square torus: two rings
  return 2 * (side / 4) * devices / (devices - 1);
}

double touches(CollectiveKind kind) {
  if (kind == CollectiveKind::AllReduce) return (kReduceTouches + kCopyTouches) / 2;
  return kind == CollectiveKind::ReduceScatter ? kReduceTouches : kCopyTouches;
}

/// Bytes a second that a rank may send within its box: memory bounds the ranks of one device, links
/// those of several. A pair of a permutation has one link between neighbours for itself.
double rate(const CollectiveWorld& w, CollectiveKind kind, const Part& part, double links_passed) {
  if (part.devices < 2 || w.link_bytes == 0)
    return kEfficiency * w.memory_bytes / part.per_device / touches(kind);
  const double one_way = w.link_bytes / 2;
  if (kind == CollectiveKind::Permute)
    return kEfficiency * one_way / (w.shape == CollectiveShape::Torus ? 4 : 2);
  return kEfficiency * one_way / part.per_device / links_passed;
}

/// Bytes that a rank sends: parts of the whole in each of the two phases that operations have.
double traffic(CollectiveKind kind, double bytes, double ranks) {
  const double others = (ranks - 1) / ranks;
  if (kind == CollectiveKind::AllReduce) return 2 * others * bytes;
  return kind == CollectiveKind::Permute ? bytes : others * bytes;
}

struct Algorithm {
  const char* name;
  double steps;  ///< hops one after the other, of one phase
  bool is_far;   ///< messages pass several links
};
Algorithm algorithm_of(CollectiveKind kind, double bytes, double ranks) {
  const bool is_power = std::exp2(std::round(std::log2(ranks))) == ranks;
  if (kind == CollectiveKind::Permute) return {"ring", 1, false};
  if (kind == CollectiveKind::AllToAll || bytes < kMeshMost) return {"mesh", 1, true};
  if (!is_power) return {"ring", ranks - 1, false};
  if (bytes <= kRecursiveMost) return {"rdh", std::log2(ranks), false};
  return {"kangaring", ranks / 2, false};
}

/// Inside a box, without the start.
double inside(const CollectiveWorld& w, CollectiveKind kind, double bytes, const Algorithm& a) {
  const Part part = part_of(w);
  if (part.ranks < 2) return 0;
  const double links = a.is_far ? distance(w.shape, part.devices) : 1;
  const double phases = kind == CollectiveKind::AllReduce ? 2 : 1;
  return phases * a.steps * kHop + traffic(kind, bytes, part.ranks) / rate(w, kind, part, links);
}

/// Between boxes: every rank moves its part around the ring of its like in the other boxes.
double between(const CollectiveWorld& w, CollectiveKind kind, double bytes) {
  const Part part = part_of(w);
  const double network = w.network_bytes / part.ranks;
  const double share = kind == CollectiveKind::Permute ? bytes : bytes / part.ranks;
  const double phases = kind == CollectiveKind::AllReduce ? 2 : 1;
  const double steps = kind == CollectiveKind::Permute ? 1 : w.boxes - 1;
  return phases * steps * kNetworkHop + traffic(kind, share, w.boxes) / network;
}

}  // namespace

Result<CollectiveWorld> collective_world(std::string_view type) {
  for (const Row& row : kRows)
    if (type == row.type) {
      CollectiveWorld world;
      world.link_bytes = row.links;
      world.network_bytes = row.network;
      world.memory_bytes = row.memory;
      return world;
    }
  return fail(Code::NotFound, "{}: nobody published how fast its ranks are joined", type);
}

CollectiveTime collective_time(const CollectiveWorld& w, CollectiveKind kind, std::uint64_t bytes) {
  const auto size = static_cast<double>(bytes);
  const Algorithm a = algorithm_of(kind, size, part_of(w).ranks);
  double seconds = kStart;
  if (w.ranks > 1) seconds += inside(w, kind, size, a);
  if (w.boxes > 1) seconds += between(w, kind, size);
  return {w.boxes > 1 ? "hier" : a.name, static_cast<std::uint64_t>(seconds * 1e12)};
}

}  // namespace neuron::sim

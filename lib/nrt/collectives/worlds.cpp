// SPDX-License-Identifier: Apache-2.0
#include "nrt/collectives/worlds.h"

#include <algorithm>

#include "nrt/settings.h"

namespace neuron::nrt::cc {
namespace {

constexpr std::uint32_t kMostRanks = 4096;   ///< as many as a tag tells apart
constexpr std::uint64_t kLongest = 1000000;  ///< seconds; as milliseconds they fit an int

struct Worlds {
  std::mutex guard;
  std::unique_ptr<Root> root;  ///< here when rank 0 is, or when all are
  std::map<std::uint32_t, std::shared_ptr<World>> by_core;
};
Worlds& worlds() {
  static Worlds* const one = new Worlds;
  return *one;
}

/// Without an id, whoever comes first opens a meeting place of this process.
Result<RootId> meeting_place(Worlds& w, std::uint32_t rank, std::uint32_t ranks, int timeout) {
  const std::string text = settings::text("NEURON_RT_ROOT_COMM_ID");
  if (text.empty() && w.root && w.root->is_open() && w.root->ranks() == ranks) return w.root->id();
  const RootId id = TRY(parse_root(text.empty() ? "127.0.0.1:0" : text));
  if (!text.empty() && rank != 0) return id;
  w.root.reset();  // its port may be the one we need
  w.root = TRY(Root::open(id, ranks, timeout));
  return w.root->id();
}

}  // namespace

Result<std::shared_ptr<World>> join(std::uint32_t vnc, std::uint32_t rank, std::uint32_t ranks) {
  if (ranks == 0 || ranks > kMostRanks || rank >= ranks)
    return fail(Code::BadUsage, "rank is {}, the world has {}; a world has 1 to {} ranks", rank,
                ranks, kMostRanks);
  Worlds& w = worlds();
  std::lock_guard lock(w.guard);
  auto& world = w.by_core[vnc];
  if (world && world->rank() == rank && world->ranks() == ranks && !world->is_broken())
    return world;
  world.reset();
  World::Place place{rank, ranks, {}, 60};
  const auto seconds = TRY(settings::number("NEURON_SIM_COLLECTIVES_TIMEOUT"));
  place.timeout = static_cast<int>(std::clamp<std::uint64_t>(seconds, 1, kLongest));
  if (ranks > 1) place.root = TRY(meeting_place(w, rank, ranks, place.timeout));
  world = World::open(std::move(place));
  return world;
}

void leave_all() {
  Worlds& w = worlds();
  std::lock_guard lock(w.guard);
  w.by_core.clear();
  w.root.reset();
}

}  // namespace neuron::nrt::cc

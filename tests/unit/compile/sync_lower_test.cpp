// SPDX-License-Identifier: Apache-2.0
// What the machine may do at the same time, and what must wait: checked by brute force.
#include <random>

#include "compile/memory.h"
#include "compile/sync.h"
#include "tests/catch.h"

using namespace neuron;
using namespace neuron::compile;

namespace {

int agent_of(const Kernel& k, const Step& s) {
  return s.transfer < 0 ? static_cast<int>(s.engine)
                        : isa::kEngines + static_cast<int>(k.transfers[s.transfer].queue);
}

/// done[j][i]: step i is over when step j begins, as far as the waits promise.
std::vector<std::vector<bool>> promised(const Kernel& k, const SyncPlan& plan) {
  const std::size_t n = k.steps.size();
  std::vector<std::vector<bool>> done(n, std::vector<bool>(n));
  std::vector<std::vector<std::size_t>> work(kAgents);
  // Counts of an engine hold its triggers too.
  std::vector<std::vector<std::size_t>> counted(kAgents);
  std::array<std::vector<bool>, isa::kEngines> known;
  known.fill(std::vector<bool>(n));
  for (std::size_t j = 0; j < n; ++j) {
    const int engine = static_cast<int>(k.steps[j].engine), agent = agent_of(k, k.steps[j]);
    for (const Wait& w : plan.steps[j].waits)
      for (std::size_t c = 0; c < w.count; ++c) {
        const std::size_t i = counted[w.agent][c];
        if (agent_of(k, k.steps[i]) == w.agent) known[engine][i] = true;
        for (std::size_t x = 0; x < n; ++x)
          if (done[i][x]) known[engine][x] = true;
      }
    done[j] = known[engine];
    counted[engine].push_back(j);
    if (agent != engine) counted[agent].push_back(j);
  }
  return done;
}

bool conflict(const Access& a, const Access& b) {
  return a.variable == b.variable && (a.write || b.write) && a.begin < b.end && b.begin < a.end;
}

/// Whether step j must find step i done: they touch the same bytes, one writes, and no rule of the
/// machine orders them already.
bool must_wait(const Kernel& k, const Step& i, const Step& j) {
  const bool same_engine = i.transfer < 0 && j.transfer < 0 && i.engine == j.engine;
  for (const Access& a : i.access)
    for (const Access& b : j.access) {
      if (!conflict(a, b)) continue;
      if (same_engine && (i.engine == Engine::Tensor || !a.write || b.write)) continue;
      if (a.write && b.write && a.variable != kLocal && i.note == j.note) continue;
      (void)k;
      return true;
    }
  return false;
}

/// Loads, computations and stores between few tiles, so that nearly everything conflicts.
Kernel random_kernel(unsigned seed) {
  std::mt19937 random(seed);
  const auto roll = [&](int most) {
    return static_cast<int>(random() % static_cast<unsigned>(most));
  };
  Kernel k(isa::arch(isa::ArchId::V3));
  std::vector<VariableId> variables;
  for (int v = 0; v < 3; ++v)
    variables.push_back(k.variable({"v" + std::to_string(v), VariableUse::Output, 4096, 0, {}}));
  const auto view = [&] {
    return line(static_cast<std::uint32_t>(roll(8) * 64), 128, 1 + roll(32));
  };
  const Engine engines[] = {Engine::Vector, Engine::Scalar, Engine::Gpsimd};
  for (int s = 0; s < 120; ++s) {
    if (roll(5) == 0) k.begin_note("n", "op");
    const Move in{{variables[roll(3)], roll(8) * 64}, {kLocal, roll(8) * 64}, 64, {}};
    switch (roll(5)) {
      case 0:
        k.load({in});
        break;
      case 1:
        k.store({{in.to, in.from, 64, {}}});
        break;
      case 2:
        k.ldweights(line(static_cast<std::uint32_t>(roll(8) * 64), 128, 16), Pass::Low);
        break;
      case 3:
        k.matmul(line(isa::kPsumBase + static_cast<std::uint32_t>(roll(2)) * 2048, 16, 16),
                 line(static_cast<std::uint32_t>(roll(8) * 64), 128, 16), Pass::Low, true, true,
                 16);
        break;
      default: {
        const View a = view();
        View b = view();
        b.at.nums = a.at.nums;
        k.copy(engines[roll(3)], a, b);
      }
    }
  }
  return k;
}

}  // namespace

TEST_CASE("whatever touches the same bytes is ordered by the waits") {
  for (unsigned seed = 1; seed <= 30; ++seed) {
    const Kernel k = random_kernel(seed);
    const SyncPlan plan = plan_sync(k);
    const auto done = promised(k, plan);
    std::size_t pairs = 0;
    for (std::size_t j = 0; j < k.steps.size(); ++j)
      for (std::size_t i = 0; i < j; ++i) {
        if (!must_wait(k, k.steps[i], k.steps[j])) continue;
        ++pairs;
        if (!done[j][i]) FAIL("seed " << seed << ": step " << j << " does not wait for " << i);
      }
    CHECK(pairs > 100);
  }
}

TEST_CASE("a wait that follows from another is left out") {
  Kernel k(isa::arch(isa::ArchId::V3));
  const View a = line(0, 128, 16), b = line(64, 128, 16), c = line(128, 128, 16);
  k.load({{{k.variable({"x", VariableUse::Input, 64, 0, {}})}, {kLocal, 0}, 64, {}}});
  k.copy(Engine::Vector, b, a);                        // waits for the load
  k.tensor_tensor(Engine::Scalar, c, a, Alu::Add, b);  // for the copy, and so for the load
  const SyncPlan plan = plan_sync(k);
  REQUIRE(plan.steps[1].waits.size() == 1);
  REQUIRE(plan.steps[2].waits.size() == 1);
  CHECK(plan.steps[2].waits[0].agent == static_cast<int>(Engine::Vector));
}

TEST_CASE("tiles that are held never overlap, and what is given back is taken again") {
  auto arena = std::make_shared<Arena>(1 << 16);
  std::mt19937 random(3);
  std::vector<Tile> held;
  for (int i = 0; i < 4000; ++i) {
    if (!held.empty() && random() % 2) {
      std::swap(held[random() % held.size()], held.back());
      held.pop_back();
      continue;
    }
    const std::uint64_t bytes = 1 + random() % 6000;
    Tile t = random() % 3 ? Arena::take(arena, bytes) : Arena::take_last(arena, bytes);
    if (!t) continue;
    REQUIRE(t->begin + t->bytes <= arena->capacity());
    REQUIRE(t->bytes >= bytes);
    for (const Tile& o : held)
      REQUIRE((o->begin + o->bytes <= t->begin || t->begin + t->bytes <= o->begin));
    held.push_back(std::move(t));
  }
  held.clear();
  CHECK(Arena::take(arena, arena->capacity()));
}

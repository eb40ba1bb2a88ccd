// SPDX-License-Identifier: Apache-2.0
#include "view/edges.h"

#include "official.h"

namespace neuron::view {
namespace {

Instruction instruction(Timeline& t, std::uint8_t engine, std::int64_t begin, std::int64_t end,
                        const char* operands) {
  Step step;
  step.engine = engine;
  step.operands.value = static_cast<std::uint32_t>(t.texts.size());
  Instruction e;
  e.step = t.add_step(step);
  e.begin_ps = begin;
  e.end_ps = end;
  t.texts.push_back(operands);
  return e;
}

}  // namespace

TEST_CASE("a wait leads back to the instruction whose signal ended it") {
  Timeline t;
  t.texts = {""};
  t.cores.push_back({"sg00", 0, 0, {}, 0, 0});
  t.instructions.push_back(instruction(t, 0, 0, 100'000, "S[5]++@complete"));
  t.instructions.push_back(instruction(t, 0, 100'000, 200'000, "S[5]++@complete"));
  t.instructions.push_back(instruction(t, 3, 220'000, 300'000, "S[5]>=2"));
  t.instructions.push_back(instruction(t, 3, 320'000, 400'000, "S[6]>=1"));  // nobody raises it
  t.semaphores = {{110'000, 1, 5, 0}, {210'000, 2, 5, 0}};
  const auto edges = edges_of(t);
  REQUIRE(edges.size() == 1);
  CHECK(edges[0].from == 1);
  CHECK(edges[0].to == 2);
}

TEST_CASE("most waits of real traces are explained") {
  for (const OfficialPair& pair : official_pairs()) {
    INFO(pair.name);
    std::size_t waits = 0;
    for (const Instruction& e : pair.timeline.instructions)
      waits += parse_sync(pair.timeline.text(e->operands)).waits_for >= 0;
    const auto edges = edges_of(pair.timeline);
    CHECK(edges.size() * 5 > waits);  // DMA ends the others
    for (const Edge& edge : edges)
      CHECK(pair.timeline.instructions[edge.from].end_ps <=
            pair.timeline.instructions[edge.to].begin_ps + 2000);
  }
}

}  // namespace neuron::view

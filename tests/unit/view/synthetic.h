// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <algorithm>
#include <filesystem>
#include <random>

#include "view/timeline.h"

/// Timelines that look like a small model's: five engines in order, DMA queues of 16 engines each,
/// layers of ten instructions, one throttle, semaphores that count.
inline neuron::view::Timeline synthetic_timeline(std::size_t instructions, unsigned seed = 1) {
  using namespace neuron::view;
  Timeline t;
  std::mt19937 random(seed);
  const auto upto = [&](unsigned n) { return static_cast<std::int64_t>(random() % n); };
  t.profile_name = "synthetic";
  t.neff_name = "graph.neff";
  t.network_name = "digits";
  t.target = "cayman";
  t.is_simulated = true;
  t.tensor_ghz = 1.4;
  t.cores.push_back({"sg00", 0, 0, {}, 0, 0});
  t.texts = {""};
  for (int layer = 0; layer < 12; ++layer)
    t.texts.push_back("model/block" + std::to_string(layer / 3) + "/op" + std::to_string(layer));
  const std::uint8_t opcodes[5] = {0x02, 0x21, 0x49, 0x41, 0xa0};
  std::int64_t free_ps[5] = {0, 3000, 1500, 2000, 500};
  for (std::size_t i = 0; i < instructions; ++i) {
    const auto engine = static_cast<std::uint8_t>(upto(5));
    Instruction e;
    Step step;
    step.engine = engine;
    e.begin_ps = free_ps[engine] + upto(4) * 1000;
    e.end_ps = e.begin_ps + 20'000 + upto(60'000);
    free_ps[engine] = e.end_ps;
    step.opcode = step.compiler_opcode = opcodes[engine];
    if (engine == 0 && i % 3 == 0) step.opcode = 0x01;
    if (step.opcode == 0x02) step.flops = 2ull * 128 * 128 * 40;
    step.pc = static_cast<std::uint32_t>(i);
    step.layer.value = static_cast<std::uint32_t>(1 + i * 12 / instructions);
    step.name.value = static_cast<std::uint32_t>(t.texts.size());
    t.texts.push_back("I-" + std::to_string(i));
    step.operands.value = static_cast<std::uint32_t>(t.texts.size());
    t.texts.push_back("src=fp32@" + std::to_string(i * 64));
    e.step = t.add_step(step);
    t.instructions.push_back(e);
  }
  std::stable_sort(t.instructions.begin(), t.instructions.end(),
                   [](const auto& a, const auto& b) { return a.begin_ps < b.begin_ps; });
  for (const auto& e : t.instructions) t.total_ps = std::max(t.total_ps, e.end_ps);
  for (std::uint16_t engine = 0; engine < 16; ++engine)
    for (std::uint16_t ring = 0; ring < 2; ++ring)
      t.rings.push_back({engine, ring, 0, QueueType::Static, ring ? "qSyncWeight0" : "qSyncIO0"});
  for (std::size_t i = 0; i < instructions / 2; ++i) {
    DmaPacket p;
    p.begin_ps =
        static_cast<std::int64_t>(i) * t.total_ps / static_cast<std::int64_t>(instructions);
    p.end_ps = p.begin_ps + 20'000 + upto(60'000);
    p.bytes = static_cast<std::uint32_t>(512 + 512 * upto(8));
    p.engine = static_cast<std::uint16_t>(i % 16);
    p.ring = static_cast<std::uint16_t>(i / 64 % 2);
    p.index = static_cast<std::uint32_t>(i);
    t.packets.push_back(p);
  }
  t.throttles.push_back({t.total_ps / 3, t.total_ps / 2, 7, 8, 1, 0});
  for (std::uint32_t i = 0; i < 20; ++i) t.semaphores.push_back({i * t.total_ps / 20, i, 3, 0});
  t.tensors = {{"image", "IN", "float32", "[1,1,28,28]", 3136},
               {"scores", "OUT", "float32", "[1,10]", 40}};
  t.memory = {{"weights", 1 << 20, 0}, {"io", 4096, 0}};
  t.neff_header = {{"Package Version", "2"}, {"Name", "graph"}};
  t.warnings = {"12 packets have no end; the capture was cut short"};
  return t;
}

/// A directory that goes with the test.
struct TemporaryDirectory {
  std::filesystem::path path;
  TemporaryDirectory() {
    std::string name = (std::filesystem::temp_directory_path() / "neuron-XXXXXX").string();
    path = mkdtemp(name.data());
  }
  ~TemporaryDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path, ignored);
  }
};

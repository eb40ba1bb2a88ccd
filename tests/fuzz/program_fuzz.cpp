// SPDX-License-Identifier: Apache-2.0
// A program of any instructions, in five streams: what load() lets through must run, by interpreter
// and by plan, and have a schedule. The first byte is the generation (0 is
// the second), then 64-byte words, the
// engine of each in its third byte, which no instruction uses: 0 is the first that may run it.
#include <algorithm>
#include <bit>

#include "sim/plan.h"
#include "sim/sim.h"

namespace {

using namespace neuron;

constexpr int kInstructions = 8;  // long rows take their time

std::size_t engine_of(std::byte wish, const isa::Instruction& i) {
  if (wish != std::byte{}) return std::to_integer<std::size_t>(wish) % isa::kEngines;
  return static_cast<std::size_t>(std::countr_zero(isa::find_op(isa::opcode_of(i))->engines));
}

sim::Program program_of(ByteView bytes) {
  sim::Program program;
  program.name = "sg00";
  program.arch = static_cast<isa::ArchId>((std::to_integer<unsigned>(bytes[0]) + 1) % isa::kArchs);
  program.variables = {{"sbuf", sim::Storage::Local, 0}, {"device", sim::Storage::Device, 65536}};
  program.queues.push_back({"q", sim::QueueKind::SoftwareDynamic, isa::Engine::Gpsimd, 16});
  program.queues.push_back({"h", sim::QueueKind::HardwareDynamic, isa::Engine::Sync, 16});
  program.dge_table = {{1}, {0}};
  bytes = bytes.subspan(1);
  for (int i = 0; i < kInstructions && bytes.size() >= isa::kInstructionBytes; ++i) {
    isa::Word word;
    std::copy_n(bytes.begin(), isa::kInstructionBytes, word.begin());
    bytes = bytes.subspan(isa::kInstructionBytes);
    const std::byte wish = std::exchange(word[2], {});
    auto decoded = isa::decode_one(word);
    // Loops by data may take as long as they like.
    if (decoded && !std::holds_alternative<isa::compare_branch>(decoded->op))
      program.streams[engine_of(wish, *decoded)].push_back(*decoded);
  }
  return program;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 1 + isa::kInstructionBytes) return 0;
  auto loaded = sim::load(program_of(std::as_bytes(std::span(data, size))));
  if (!loaded) return 0;
  Bytes device(65536);
  const std::vector<std::span<std::byte>> variables{{}, device};
  sim::Core core(sim::program_of(**loaded).arch);
  (void)sim::execute(**loaded, core, variables);
  (void)sim::schedule(**loaded);
  if (auto plan = sim::make_plan(**loaded, std::vector<ByteView>(2)))
    (void)sim::run(**plan, core, variables);
  return 0;
}

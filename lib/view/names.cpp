// SPDX-License-Identifier: Apache-2.0
#include "view/names.h"

#include <fmt/format.h>

#include "isa/isa.h"

namespace neuron::view {
namespace {

struct Alias {
  std::string_view token, shown;
};
// Older compilers say "Poo". The longer token comes first.
constexpr Alias kQueueAliases[] = {{"qPool", "qGpSimd"}, {"qPoo", "qGpSimd"}, {"qAct", "qScalar"},
                                   {"qSP", "qSync"},     {"qPE", "qTensor"},  {"qDVE", "qVector"}};
struct Category {
  std::string_view name, shown;
};
constexpr Category kCategories[] = {
#define MEMORY_CATEGORY(name, shown) {name, shown},
#include "view/memory_categories.def"
#undef MEMORY_CATEGORY
};
/// The ring that loads instructions and tables; it is no queue of a package.
constexpr std::uint32_t kInstructionRing = 14;
/// Semaphores of engines as runtimes with a `runtime_semaphore_count` of 3 lay them out.
constexpr std::pair<std::size_t, isa::Engine> kUsual[] = {{3, isa::Engine::Gpsimd},
                                                          {4, isa::Engine::Scalar},
                                                          {5, isa::Engine::Tensor},
                                                          {6, isa::Engine::Vector}};

/// For each semaphore a bit for each engine that increments it.
std::vector<unsigned> incrementers(const neff::Subgraph& subgraph) {
  std::vector<unsigned> bits(256);
  for (const neff::EngineProgram& program : subgraph.engines)
    for (int e = 0; e < isa::kEngines; ++e) {
      if (program.token != isa::info(static_cast<isa::Engine>(e)).token) continue;
      const ByteView bytes(program.instructions);
      for (std::size_t at = 0; at + isa::kInstructionBytes <= bytes.size();
           at += isa::kInstructionBytes)
        if (load<std::uint8_t>(bytes, at + 6) == isa::kIncrement)
          bits[load<std::uint8_t>(bytes, at + 7)] |= 1u << e;
    }
  return bits;
}

}  // namespace

std::string shown_queue(std::string_view queue) {
  for (const Alias& alias : kQueueAliases)
    if (queue.starts_with(alias.token))
      return std::string(alias.shown) + std::string(queue.substr(alias.token.size()));
  return std::string(queue);
}

std::string shown_memory(const ntff::MemoryUse& use) {
  for (const Category& row : kCategories)
    if (row.name == use.name) return std::string(row.shown);
  if (!use.name.empty()) return use.name;
  if (use.category < std::size(kCategories)) return std::string(kCategories[use.category].shown);
  return fmt::format("category {}", use.category);
}

QueueType type_of(const ntff::Ring& ring, const neff::Queue* queue) {
  if (ring.queue.ends_with("DynamicHW")) return QueueType::HardwareDynamic;
  if (ring.queue.ends_with("Dynamic")) return QueueType::SoftwareDynamic;
  if (!queue) return ring.index == kInstructionRing ? QueueType::Instruction : QueueType::Static;
  switch (queue->kind) {
    case neff::QueueKind::In:
      return QueueType::Input;
    case neff::QueueKind::Out:
      return QueueType::Output;
    case neff::QueueKind::Data:
      return QueueType::Data;
    default:
      return QueueType::Static;
  }
}

std::vector<std::string> semaphore_names(const neff::Subgraph& subgraph) {
  std::vector<std::string> names(256);
  const std::vector<unsigned> bits = incrementers(subgraph);
  bool is_usual = true;
  for (auto [id, engine] : kUsual)
    is_usual = is_usual && (bits[id] == 0 || bits[id] == 1u << static_cast<unsigned>(engine));
  if (is_usual)
    for (auto [id, engine] : kUsual) names[id] = isa::info(engine).shown;
  for (std::size_t id = 0; id < names.size(); ++id)
    for (int e = 0; e < isa::kEngines; ++e)
      if (bits[id] == 1u << e) names[id] = isa::info(static_cast<isa::Engine>(e)).shown;
  for (const neff::Queue& queue : subgraph.queues)
    for (std::uint32_t id : queue.semaphores)
      if (id < names.size()) names[id] = shown_queue(queue.name);
  return names;
}

std::string with_owners(const std::string& operands, const std::vector<std::string>& names) {
  std::string out;
  for (std::size_t at = 0; at < operands.size();) {
    const std::size_t open = operands.find("S[", at);
    const std::size_t close = open == std::string::npos ? open : operands.find(']', open);
    if (close == std::string::npos) return out + operands.substr(at);
    out += operands.substr(at, close + 1 - at);
    at = close + 1;
    std::size_t id = 0;
    for (std::size_t i = open + 2; i < close && id < 256; ++i)
      id = operands[i] >= '0' && operands[i] <= '9' ? id * 10 + (operands[i] - '0') : 256;
    if (id < names.size() && !names[id].empty()) out += " (" + names[id] + ")";
  }
  return out;
}

std::string shown_version(const ntff::Version& v) {
  if (!v.major && !v.minor && !v.patch && v.git.empty()) return "";
  // A commit is shown by its first five digits; anything else, such as "simulated", whole.
  const bool is_commit = v.git.find_first_not_of("0123456789abcdef") == std::string::npos;
  return fmt::format("{}.{}.{} ({})", v.major, v.minor, v.patch,
                     is_commit ? v.git.substr(0, 5) : v.git);
}

std::string file_name_of(const std::string& path) {
  return path.substr(path.find_last_of("/\\") + 1);
}

TextId Texts::add(const std::string& text) {
  if (text.empty()) return {0};
  auto [at, is_new] = ids_.try_emplace(text, static_cast<std::uint32_t>(all_.size()));
  if (is_new) all_.push_back(text);
  return {at->second};
}

}  // namespace neuron::view

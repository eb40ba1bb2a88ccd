// SPDX-License-Identifier: Apache-2.0
#include "neff/memory.h"

#include <algorithm>
#include <set>

#include "neff/text_table.h"

namespace neuron::neff {
namespace {

constexpr std::uint64_t kPage = std::uint64_t{512} << 20;
constexpr std::uint64_t kTableOfSet = 83968;  // 'Scalar Table' in public Trn2 profiles: 82 KiB
constexpr std::uint64_t kRingEntry = 16, kLongestEntry = 65536;  // bytes; a 16-bit length

struct AddedCode {
  std::string_view engine;
  std::uint64_t always, with_queues;
};
constexpr AddedCode kAddedCode[] = {
#define NEFF_ADDED_CODE(token, always, with_queues) {token, always, with_queues},
#include "neff/memory.def"
#undef NEFF_ADDED_CODE
};

std::uint64_t sum(std::uint64_t a, std::uint64_t b) {
  return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}

/// Ring entries of one side: contiguous runs of at most 64 KiB.
std::uint64_t entries_of(const Side& side) {
  std::uint64_t run = 1, runs = 1;
  for (std::size_t d = 0; d < side.sizes.size(); ++d) {
    const auto size = static_cast<std::uint64_t>(side.sizes[d]);
    const bool contiguous = runs == 1 && side.steps[d] == static_cast<std::int64_t>(run);
    std::uint64_t& grows = contiguous ? run : runs;
    if (__builtin_mul_overflow(grows, size, &grows)) return 0;
  }
  std::uint64_t entries = 0;
  const std::uint64_t pieces = run / kLongestEntry + (run % kLongestEntry != 0 ? 1 : 0);
  return __builtin_mul_overflow(runs, pieces, &entries) ? 0 : entries;
}

void add_rings(CoreMemory& core, const Subgraph& s) {
  std::map<std::string_view, QueueKind> kinds;
  for (const Queue& q : s.queues) kinds.emplace(q.name, q.kind);
  for (const EngineProgram& e : s.engines)
    for (const Transfer& t : e.transfers) {
      const auto kind = kinds.find(t.queue);
      if (kind == kinds.end() || kind->second == QueueKind::Dynamic) continue;
      const bool io = kind->second == QueueKind::In || kind->second == QueueKind::Out;
      std::uint64_t& ring = io ? core.dma_rings_io : core.dma_rings_spill;
      for (const Descriptor& d : t.descriptors) {
        ring = sum(ring, kRingEntry * std::min<std::uint64_t>(entries_of(d.to), UINT32_MAX));
        for (const Side& side : d.from)
          ring = sum(ring, kRingEntry * std::min<std::uint64_t>(entries_of(side), UINT32_MAX));
      }
    }
}

void add_variables(CoreMemory& core, const Subgraph& s, std::set<std::string_view>& shared) {
  for (const Variable& v : s.variables) switch (v.kind) {
      case VariableKind::Input:
      case VariableKind::Output:
        if (shared.insert(v.name).second) core.tensors = sum(core.tensors, v.size);
        break;
      case VariableKind::File:
        core.constants = sum(core.constants, v.size);
        break;
      case VariableKind::TmpBuf:
        core.scratchpad = sum(core.scratchpad, v.size);
        break;
      case VariableKind::Virtual:
        core.shared_scratchpad = std::max(core.shared_scratchpad, sum(v.backing_offset, v.size));
        break;
      default:
        break;
    }
}

void add_runtime(CoreMemory& core, const Subgraph& s) {
  const bool queues = !s.queues.empty();
  for (const EngineProgram& e : s.engines) {
    core.code = sum(core.code, e.instructions.size());
    core.activation_tables += kTableOfSet * e.activation_sets.size();
    for (const AddedCode& added : kAddedCode)
      if (added.engine == e.token)
        core.added_code += added.always + (queues ? added.with_queues : 0);
  }
#define NEFF_ADDED(what, always, with_queues) core.what = always + (queues ? with_queues : 0);
#include "neff/memory.def"
#undef NEFF_ADDED
}

/// The columns of the table, in its order; the JSON has the same and more.
struct Column {
  const char* title;
  const char* key;
  std::uint64_t (*of)(const CoreMemory&);
};
constexpr Column kColumns[] = {
    {"Code", "code", [](const CoreMemory& c) { return c.code + c.added_code; }},
    {"Tables", "activation_tables", [](const CoreMemory& c) { return c.activation_tables; }},
    {"Constants", "constants", [](const CoreMemory& c) { return c.constants; }},
    {"Tensors", "tensors", [](const CoreMemory& c) { return c.tensors; }},
    {"Shared scratchpad", "shared_scratchpad",
     [](const CoreMemory& c) { return c.shared_scratchpad; }},
    {"Scratchpad", "scratchpad", [](const CoreMemory& c) { return c.scratchpad; }},
    {"DMA rings", "dma_rings",
     [](const CoreMemory& c) { return c.dma_rings_io + c.dma_rings_spill + c.dma_rings_runtime; }},
    {"Runtime", "runtime", [](const CoreMemory& c) { return c.runtime; }},
    {"Total", "total", [](const CoreMemory& c) { return c.total(); }},
    {"In pages", "total_in_pages", [](const CoreMemory& c) { return c.total_in_pages(); }},
};

}  // namespace

std::uint64_t CoreMemory::total() const {
  std::uint64_t all = 0;
  for (std::uint64_t part :
       {code, added_code, activation_tables, constants, tensors, shared_scratchpad, scratchpad,
        dma_rings_io, dma_rings_spill, dma_rings_runtime, runtime})
    all = sum(all, part);
  return all;
}
std::uint64_t CoreMemory::scratchpad_in_pages() const {
  const std::uint64_t pages = shared_scratchpad / kPage + (shared_scratchpad % kPage != 0 ? 1 : 0);
  return pages * kPage;
}
std::uint64_t CoreMemory::total_in_pages() const {
  return sum(total() - shared_scratchpad, scratchpad_in_pages());
}

std::vector<CoreMemory> memory_of(const Model& model) {
  std::vector<CoreMemory> cores;
  std::set<std::string_view> shared;
  for (const Subgraph& s : model.subgraphs) {
    CoreMemory core;
    core.subgraph = s.name;
    core.node = s.node;
    add_variables(core, s, shared);
    add_rings(core, s);
    add_runtime(core, s);
    cores.push_back(std::move(core));
  }
  return cores;
}

std::string memory_text(const std::vector<CoreMemory>& cores) {
  std::vector<std::vector<std::string>> rows{{"NODE", "Name"}};
  std::vector<std::uint64_t> totals(std::size(kColumns), 0);
  for (const Column& c : kColumns) rows[0].push_back(c.title);
  for (const CoreMemory& core : cores) {
    rows.push_back({std::to_string(core.node), core.subgraph});
    for (std::size_t i = 0; i < std::size(kColumns); ++i) {
      const std::uint64_t bytes = kColumns[i].of(core);
      totals[i] = sum(totals[i], bytes);
      rows.back().push_back(std::to_string(bytes));
    }
  }
  rows.push_back({"", "all"});
  for (std::uint64_t total : totals) rows.back().push_back(std::to_string(total));
  return table_text(rows, rows[0].size());
}

Json memory_json(const std::vector<CoreMemory>& cores) {
  Json rows = Json::array();
  std::uint64_t total = 0, in_pages = 0;
  for (const CoreMemory& c : cores) {
    total = sum(total, c.total());
    in_pages = sum(in_pages, c.total_in_pages());
    rows.push_back({{"node", c.node},
                    {"subgraph", c.subgraph},
                    {"code", c.code},
                    {"added_code", c.added_code},
                    {"activation_tables", c.activation_tables},
                    {"constants", c.constants},
                    {"tensors", c.tensors},
                    {"shared_scratchpad", c.shared_scratchpad},
                    {"shared_scratchpad_in_pages", c.scratchpad_in_pages()},
                    {"scratchpad", c.scratchpad},
                    {"dma_rings_io", c.dma_rings_io},
                    {"dma_rings_spill", c.dma_rings_spill},
                    {"dma_rings_runtime", c.dma_rings_runtime},
                    {"runtime", c.runtime},
                    {"total", c.total()},
                    {"total_in_pages", c.total_in_pages()}});
  }
  return Json{{"cores", std::move(rows)}, {"total", total}, {"total_in_pages", in_pages}};
}

}  // namespace neuron::neff

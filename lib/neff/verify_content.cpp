// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <set>
#include <unordered_map>

#include "neff/verify_parts.h"
#include "neff/words.h"

// The checks of one subgraph: what its transfers and instructions do to its variables.
namespace neuron::neff {
namespace {

// SBUF and PSUM of one core since Trn1: 2 * 128 partitions of 256 KiB, linear addresses.
constexpr std::int64_t kCoreBytes = std::int64_t{1} << 26;

using ById = std::unordered_map<std::uint32_t, const Variable*>;
using ByName = std::unordered_map<std::string_view, const Variable*>;

/// The bytes of a variable that may be touched; nothing where the package does not say.
std::optional<std::int64_t> extent_of(const Variable& v, bool known_generation) {
  switch (v.kind) {
    case VariableKind::StateBuffer:
    case VariableKind::Remote:
      if (!known_generation) return std::nullopt;
      return kCoreBytes;
    case VariableKind::Pointer:
    case VariableKind::DgeTable:
      return std::nullopt;
    default:
      if (v.size == 0 || v.size > std::uint64_t{1} << 62) return std::nullopt;
      return static_cast<std::int64_t>(v.size);
  }
}

struct Range {
  std::int64_t first = 0, last = 0, count = 1;  ///< bytes; count of those moved
};
/// The engine's reader has bounded each product by 2^60.
std::optional<Range> range_of(const Side& side) {
  Range r{side.offset, side.offset, 1};
  for (std::size_t d = 0; d < side.sizes.size(); ++d) {
    if (side.sizes[d] == 0) return std::nullopt;
    const std::int64_t reach = (side.sizes[d] - 1) * side.steps[d];
    (reach < 0 ? r.first : r.last) += reach;
    if (__builtin_mul_overflow(r.count, side.sizes[d], &r.count)) return std::nullopt;
  }
  return r;
}

class SubgraphCheck {
 public:
  SubgraphCheck(Inspection& in, const Subgraph& s, bool known_generation)
      : in_(in), s_(s), known_generation_(known_generation) {
    for (const Variable& v : s.variables) {
      by_id_.emplace(v.id, &v);
      by_name_.emplace(v.name, &v);
      if (v.kind == VariableKind::DgeTable && !table_) table_ = &v;
    }
  }

  void check_queues() {
    for (const Queue& q : s_.queues) {
      const bool known = q.owner.empty() ||
                         std::any_of(s_.engines.begin(), s_.engines.end(),
                                     [&](const EngineProgram& e) { return e.token == q.owner; });
      if (!known)
        in_.find(FindingId::QueueOwner, s_.directory + s_.definition,
                 pointer_to("/dma_queue", q.name), "queue {} belongs to engine {}", q.name,
                 q.owner);
    }
  }

  void check_transfers(const EngineProgram& engine) {
    const std::string path = s_.directory + engine.json_name;
    std::set<std::pair<std::string_view, std::uint32_t>> seen;
    for (std::size_t i = 0; i < engine.transfers.size(); ++i) {
      const Transfer& t = engine.transfers[i];
      if (t.queue.empty()) continue;  // told of already
      if (!seen.emplace(t.queue, t.id).second)
        in_.find(FindingId::TransferTwice, path, fmt::format("/dma/{}", i), "dma {} of queue {}",
                 t.id, t.queue);
      if (t.semaphore && *t.semaphore > 255)
        in_.find(FindingId::Transfer, path, fmt::format("/dma/{}/semaphore", i),
                 "dma {}: semaphore {} does not exist, the last is 255", t.id, *t.semaphore);
      for (std::size_t n = 0; n < t.descriptors.size(); ++n)
        check_descriptor(t, t.descriptors[n], path, fmt::format("/dma/{}/desc/{}", i, n));
    }
  }

  ReadProgram read_program(const EngineProgram& engine, const std::string& target) {
    ReadProgram program{&engine, s_.directory + engine.bin_name, {}};
    const ByteView code = engine.instructions;
    for (std::size_t at = 0; at + kInstructionBytes <= code.size(); at += kInstructionBytes) {
      const auto word = code.subspan(at, kInstructionBytes);
      auto facts = in_.reader ? in_.reader(target, engine.token, word) : std::nullopt;
      if (!facts) return {&engine, program.path, {}};
      check_form(program.path, at, word);
      program.facts.push_back(*std::move(facts));
    }
    in_.verdict.instructions += program.facts.size();
    return program;
  }

  void check_program(const ReadProgram& p) {
    std::set<std::string_view> misplaced;
    for (std::size_t pc = 0; pc < p.facts.size(); ++pc) {
      const InstructionFacts& f = p.facts[pc];
      if (f.wrong_engine && misplaced.insert(f.name).second)
        in_.find_at(FindingId::WrongEngine, p.path, pc * kInstructionBytes, "instruction {} is {}",
                    pc, f.name);
      for (const auto& access : f.accesses)
        if (access) check_access(p, pc, *access);
      check_queue_of(p, pc);
    }
    tell_unknown(p);
    check_started(p);
  }

 private:
  void check_side(const Transfer& t, const Side& side, const std::string& path,
                  const std::string& pointer) {
    const auto at = by_name_.find(side.variable);
    const auto range = range_of(side);
    if (at == by_name_.end() || !range) return;
    const auto extent = extent_of(*at->second, known_generation_);
    if (extent && (range->first < 0 || range->last >= *extent))
      in_.find(FindingId::Bounds, path, pointer,
               "dma {} of queue {} moves bytes {} to {} of {}, which has {}", t.id, t.queue,
               range->first, range->last, side.variable, *extent);
  }
  void check_descriptor(const Transfer& t, const Descriptor& d, const std::string& path,
                        const std::string& pointer) {
    check_side(t, d.to, path, pointer);
    for (const Side& side : d.from) check_side(t, side, path, pointer);
    const auto elements = [](const Side& side) -> std::optional<std::int64_t> {
      const auto range = range_of(side);
      const auto size = static_cast<std::int64_t>(size_of(side.type));
      if (!range || side.sizes.empty() || size == 0) return std::nullopt;
      return range->count / size;
    };
    const auto to = elements(d.to);
    for (const Side& side : d.from)
      if (const auto from = elements(side); from && to && *from != *to)
        in_.find(FindingId::TransferSizes, path, pointer,
                 "dma {} of queue {} reads {} elements of {} and writes {} of {}", t.id, t.queue,
                 *from, side.variable, *to, d.to.variable);
  }
  /// Byte 1 counts 4-byte words (0 in a few rows of real packages); bytes 2 and 3 are zero.
  void check_form(const std::string& path, std::size_t at, ByteView word) {
    const auto byte = [&](std::size_t i) { return std::to_integer<unsigned>(word[i]); };
    const auto pc = at / kInstructionBytes;
    if (std::all_of(word.begin(), word.end(), [](std::byte b) { return b == std::byte{0}; }))
      in_.find_at(FindingId::Instruction, path, at, "instruction {} is 64 zero bytes", pc);
    else if ((byte(1) != 0x10 && byte(1) != 0) || byte(2) != 0 || byte(3) != 0)
      in_.find_at(FindingId::Instruction, path, at,
                  "instruction {} begins {:02x} {:02x} {:02x} {:02x}, expected .. 10 00 00", pc,
                  byte(0), byte(1), byte(2), byte(3));
  }
  /// One finding for a program, however many instructions are not known.
  void tell_unknown(const ReadProgram& p) {
    std::map<std::string_view, std::size_t> counts;
    std::size_t first = p.facts.size();
    for (std::size_t pc = 0; pc < p.facts.size(); ++pc)
      if (!p.facts[pc].unknown.empty() && !is_empty(p, pc)) {
        ++counts[p.facts[pc].name];
        first = std::min(first, pc);
      }
    if (counts.empty()) return;
    std::string names;
    for (const auto& [name, count] : counts)
      names += fmt::format("{}{}{}", names.empty() ? "" : ", ", name,
                           count == 1 ? "" : fmt::format(" ({} times)", count));
    in_.find_at(FindingId::UnknownInstruction, p.path, first * kInstructionBytes,
                "{}; first is instruction {}: {}", names, first, p.facts[first].unknown);
  }
  static bool is_empty(const ReadProgram& p, std::size_t pc) {
    const auto word =
        ByteView(p.engine->instructions).subspan(pc * kInstructionBytes, kInstructionBytes);
    return std::all_of(word.begin(), word.end(), [](std::byte b) { return b == std::byte{0}; });
  }
  void check_access(const ReadProgram& p, std::size_t pc, const Access& a) {
    const Variable* v = nullptr;
    std::uint32_t id = a.id;
    if (a.through_table) {
      if (!table_ || a.id >= table_->list.size()) {
        in_.find_at(FindingId::Reference, p.path, pc * kInstructionBytes,
                    "instruction {} names entry {} of the DGE table, which has {}", pc, a.id,
                    table_ ? table_->list.size() : 0);
        return;
      }
      id = table_->list[a.id];
    }
    if (const auto at = by_id_.find(id); at != by_id_.end()) v = at->second;
    if (!v) {
      in_.find_at(FindingId::Reference, p.path, pc * kInstructionBytes,
                  "instruction {} names variable {}, and no variable has that id", pc, id);
      return;
    }
    const auto extent = extent_of(*v, known_generation_);
    if (extent && a.first <= a.last && (a.first < 0 || a.last >= *extent))
      in_.find_at(FindingId::Bounds, p.path, pc * kInstructionBytes,
                  "instruction {} moves bytes {} to {} of {}, which has {}", pc, a.first, a.last,
                  v->name, *extent);
  }
  void check_queue_of(const ReadProgram& p, std::size_t pc) {
    if (!p.facts[pc].needs_dynamic_queue || told_of_queue_) return;
    const bool found = std::any_of(s_.queues.begin(), s_.queues.end(), [&](const Queue& q) {
      return q.kind == QueueKind::Dynamic && q.owner == p.engine->token;
    });
    if (found) return;
    told_of_queue_ = true;
    in_.find_at(FindingId::Reference, p.path, pc * kInstructionBytes,
                "instruction {} ({}) needs a dynamic queue, and none belongs to engine {}", pc,
                p.facts[pc].name, p.engine->token);
  }
  /// Triggers and the list of transfers name the same.
  void check_started(const ReadProgram& p) {
    if (p.facts.empty()) return;
    std::set<std::pair<std::string_view, std::uint32_t>> listed, started;
    for (const Transfer& t : p.engine->transfers) listed.emplace(t.queue, t.id);
    for (std::size_t pc = 0; pc < p.facts.size(); ++pc) {
      const auto& starts = p.facts[pc].starts;
      if (!starts) continue;
      started.emplace(starts->queue, starts->id);
      if (!listed.contains({starts->queue, starts->id}))
        in_.find_at(FindingId::Reference, p.path, pc * kInstructionBytes,
                    "instruction {} starts dma {} of queue {}, and {} lists none", pc, starts->id,
                    starts->queue, p.engine->json_name);
    }
    for (std::size_t i = 0; i < p.engine->transfers.size(); ++i) {
      const Transfer& t = p.engine->transfers[i];
      if (!t.queue.empty() && !started.contains({t.queue, t.id}))
        in_.find(FindingId::TransferIdle, s_.directory + p.engine->json_name,
                 fmt::format("/dma/{}", i), "dma {} of queue {}", t.id, t.queue);
    }
  }

  Inspection& in_;
  const Subgraph& s_;
  bool known_generation_;
  ById by_id_;
  ByName by_name_;
  const Variable* table_ = nullptr;
  bool told_of_queue_ = false;
};

}  // namespace

void check_subgraph(Inspection& in, const Subgraph& subgraph, const std::string& target,
                    std::size_t errors_before) {
  SubgraphCheck check(in, subgraph, !target.empty());
  check.check_queues();
  std::vector<ReadProgram> programs;
  bool unread = false;
  for (const EngineProgram& engine : subgraph.engines) {
    check.check_transfers(engine);
    programs.push_back(check.read_program(engine, target));
    unread |= programs.back().facts.empty() && !engine.instructions.empty();
  }
  if (unread) {
    if (in.reader)
      in.find(FindingId::Unchecked, subgraph.directory, "", "the kelf's target is \"{}\"", target);
    return;
  }
  for (const ReadProgram& p : programs) check.check_program(p);
  // A part that is wrong already may be what others wait for.
  if (in.verdict.count(Severity::Error) == errors_before) check_waits(in, subgraph, programs);
}

}  // namespace neuron::neff

// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <map>
#include <set>
#include <unordered_map>

#include "neff/verify_parts.h"
#include "neff/words.h"

// The checks of one subgraph: what its transfers and instructions do to its variables.
namespace neuron::neff {
namespace {

// SBUF and PSUM of one core since Trn1: 2 * 128 partitions of 256 KiB, linear addresses.
constexpr std::int64_t kCoreBytes = std::int64_t{1} << 26;
constexpr unsigned kExtensionMark = 0xee;  // byte 3 of instructions of our own (neuron-neff(5))

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
    const ReadProgram program(in_.reader, engine, s_.directory + engine.bin_name, target);
    for (std::size_t pc = 0; pc < program.size(); ++pc) check_form(program, pc);
    in_.verdict.instructions += program.size();
    return program;
  }

  void check_program(const ReadProgram& p) {
    std::set<std::string> misplaced;
    Unknown unknown;
    Transfers started;
    for (std::size_t pc = 0; pc < p.size(); ++pc) {
      const InstructionFacts f = p.facts(pc);
      if (f.wrong_engine && misplaced.insert(f.name).second)
        in_.find_at(FindingId::WrongEngine, p.path(), pc * kInstructionBytes,
                    "instruction {} is {}", pc, f.name);
      for (const auto& access : f.accesses)
        if (access) check_access(p, pc, *access);
      if (f.needs_dynamic_queue) check_queue_of(p, pc, f);
      if (!f.unknown.empty() && !is_empty(p.word(pc))) unknown.add(pc, f);
      if (f.starts) started.emplace(std::pair(f.starts->queue, f.starts->id), pc);
    }
    tell_unknown(p, unknown);
    check_started(p, started);
  }

 private:
  /// Transfers that instructions start, and the first instruction that does.
  using Transfers = std::map<std::pair<std::string, std::uint32_t>, std::size_t>;
  struct Unknown {
    std::map<std::string, std::size_t> counts;
    std::size_t first = 0;
    std::string why;  ///< of the first
    void add(std::size_t pc, const InstructionFacts& facts) {
      if (counts.empty()) first = pc, why = facts.unknown;
      ++counts[facts.name];
    }
  };

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
    if (t.collective) return;  // what its ranks get need not be what they give
    const auto to = elements(d.to);
    for (const Side& side : d.from)
      if (const auto from = elements(side); from && to && *from != *to)
        in_.find(FindingId::TransferSizes, path, pointer,
                 "dma {} of queue {} reads {} elements of {} and writes {} of {}", t.id, t.queue,
                 *from, side.variable, *to, d.to.variable);
  }
  /// Byte 1 counts 4-byte words (0 in a few rows of real packages); bytes 2 and 3 are zero, but for
  /// the mark of an extension of ours.
  void check_form(const ReadProgram& p, std::size_t pc) {
    const ByteView word = p.word(pc);
    const auto byte = [&](std::size_t i) { return std::to_integer<unsigned>(word[i]); };
    if (is_empty(word))
      in_.find_at(FindingId::Instruction, p.path(), pc * kInstructionBytes,
                  "instruction {} is 64 zero bytes", pc);
    else if ((byte(1) != 0x10 && byte(1) != 0) || byte(2) != 0 ||
             (byte(3) != 0 && byte(3) != kExtensionMark))
      in_.find_at(FindingId::Instruction, p.path(), pc * kInstructionBytes,
                  "instruction {} begins {:02x} {:02x} {:02x} {:02x}, expected .. 10 00 00", pc,
                  byte(0), byte(1), byte(2), byte(3));
  }
  /// One finding for a program, however many instructions are not known.
  void tell_unknown(const ReadProgram& p, const Unknown& unknown) {
    if (unknown.counts.empty()) return;
    std::string names;
    for (const auto& [name, count] : unknown.counts)
      names += fmt::format("{}{}{}", names.empty() ? "" : ", ", name,
                           count == 1 ? "" : fmt::format(" ({} times)", count));
    in_.find_at(FindingId::UnknownInstruction, p.path(), unknown.first * kInstructionBytes,
                "{}; first is instruction {}: {}", names, unknown.first, unknown.why);
  }
  static bool is_empty(ByteView word) {
    return std::all_of(word.begin(), word.end(), [](std::byte b) { return b == std::byte{0}; });
  }
  void check_access(const ReadProgram& p, std::size_t pc, const Access& a) {
    const Variable* v = nullptr;
    std::uint32_t id = a.id;
    if (a.through_table) {
      if (!table_ || a.id >= table_->list.size()) {
        in_.find_at(FindingId::Reference, p.path(), pc * kInstructionBytes,
                    "instruction {} names entry {} of the DGE table, which has {}", pc, a.id,
                    table_ ? table_->list.size() : 0);
        return;
      }
      id = table_->list[a.id];
    }
    if (const auto at = by_id_.find(id); at != by_id_.end()) v = at->second;
    if (!v) {
      in_.find_at(FindingId::Reference, p.path(), pc * kInstructionBytes,
                  "instruction {} names variable {}, and no variable has that id", pc, id);
      return;
    }
    const auto extent = extent_of(*v, known_generation_);
    if (extent && a.first <= a.last && (a.first < 0 || a.last >= *extent))
      in_.find_at(FindingId::Bounds, p.path(), pc * kInstructionBytes,
                  "instruction {} moves bytes {} to {} of {}, which has {}", pc, a.first, a.last,
                  v->name, *extent);
  }
  void check_queue_of(const ReadProgram& p, std::size_t pc, const InstructionFacts& facts) {
    if (told_of_queue_) return;
    const std::string& token = p.engine().token;
    const bool found = std::any_of(s_.queues.begin(), s_.queues.end(), [&](const Queue& q) {
      return q.kind == QueueKind::Dynamic && q.owner == token;
    });
    if (found) return;
    told_of_queue_ = true;
    in_.find_at(FindingId::Reference, p.path(), pc * kInstructionBytes,
                "instruction {} ({}) needs a dynamic queue, and none belongs to engine {}", pc,
                facts.name, token);
  }
  /// Triggers and the list of transfers name the same.
  void check_started(const ReadProgram& p, const Transfers& started) {
    if (p.size() == 0) return;
    const std::string& json_name = p.engine().json_name;
    std::set<std::pair<std::string, std::uint32_t>> listed;
    for (const Transfer& t : p.engine().transfers) listed.emplace(t.queue, t.id);
    for (const auto& [transfer, pc] : started)
      if (!listed.contains(transfer))
        in_.find_at(FindingId::Reference, p.path(), pc * kInstructionBytes,
                    "instruction {} starts dma {} of queue {}, and {} lists none", pc,
                    transfer.second, transfer.first, json_name);
    for (std::size_t i = 0; i < p.engine().transfers.size(); ++i) {
      const Transfer& t = p.engine().transfers[i];
      if (!t.queue.empty() && !t.at_load && !started.contains({t.queue, t.id}))
        in_.find(FindingId::TransferIdle, s_.directory + json_name, fmt::format("/dma/{}", i),
                 "dma {} of queue {}", t.id, t.queue);
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

ReadProgram::ReadProgram(const InstructionReader& reader, const EngineProgram& engine,
                         std::string path, std::string_view target)
    : reader_(&reader), engine_(&engine), path_(std::move(path)), target_(target) {
  const std::size_t all = engine.instructions.size() / kInstructionBytes;
  // A reader that knows one instruction of a generation knows something of each.
  if (all > 0 && reader && reader(target, engine.token, word(0))) size_ = all;
}

ByteView ReadProgram::word(std::size_t pc) const {
  constexpr std::size_t kStep = 16384;  // instructions: 1 MiB
  if (pc > 0 && pc % kStep == 0)
    engine_->instructions.part((pc - kStep) * kInstructionBytes, kStep * kInstructionBytes)
        .release();
  return ByteView(engine_->instructions).subspan(pc * kInstructionBytes, kInstructionBytes);
}

InstructionFacts ReadProgram::facts(std::size_t pc) const {
  return (*reader_)(target_, engine_->token, word(pc)).value_or(InstructionFacts{});
}

void check_subgraph(Inspection& in, const Subgraph& subgraph, const std::string& target,
                    std::size_t errors_before) {
  SubgraphCheck check(in, subgraph, !target.empty());
  check.check_queues();
  std::vector<ReadProgram> programs;
  bool unread = false;
  for (const EngineProgram& engine : subgraph.engines) {
    check.check_transfers(engine);
    programs.push_back(check.read_program(engine, target));
    unread |= programs.back().size() == 0 && !engine.instructions.empty();
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

// SPDX-License-Identifier: Apache-2.0
// All checks, once: operations bound, triggers resolved to transfers, transfers held to variables.
#include <algorithm>
#include <atomic>
#include <map>

#include "sim/loaded.h"
#include "sim/unroll.h"

namespace neuron::sim {
namespace {

// Top byte of a variable operand. With kDgeRegister, known for sources only, the offset is the
// number of a register.
constexpr unsigned kVariable = 0x10, kDgeIndex = 0x20, kDgeRegister = 0x28;

class Loader {
 public:
  explicit Loader(Program program) {
    static std::atomic<std::uint64_t> serials{0};
    loaded_->program = std::move(program);
    loaded_->serial = ++serials;
  }

  Result<LoadedPtr> run() {
    TRY(check_lists());
    for (int e = 0; e < isa::kEngines; ++e) TRY(index_transfers(e));
    for (int e = 0; e < isa::kEngines; ++e) TRY(load_stream(e));
    TRY(unroll(*loaded_));
    note_kinds();
    TRY(check_at_load(*loaded_));
    return std::move(loaded_);
  }

 private:
  Program& program() { return loaded_->program; }

  Result<> check_lists() {
    for (const VariableId id : program().dge_table)
      if (id.value >= program().variables.size())
        return fail(Code::Malformed, "DGE table names variable {}, there are {}", id.value,
                    program().variables.size());
    return {};
  }

  Result<> index_transfers(int engine) {
    for (const Transfer& t : program().transfers[engine]) {
      const std::string place =
          fmt::format("{} transfer {}", isa::info(static_cast<isa::Engine>(engine)).shown, t.id);
      if (t.queue.value >= program().queues.size())
        return fail(Code::Malformed, "{}: no queue {}, there are {}", place, t.queue.value,
                    program().queues.size());
      TRY(check_transfer(t, program()).within(place));
      const auto index = static_cast<std::int32_t>(loaded_->transfers.size());
      if (!listed_[engine]
               .emplace(std::pair(program().queues[t.queue.value].name, t.id), index)
               .second)
        return fail(Code::Malformed, "{}: listed twice for queue {}", place,
                    program().queues[t.queue.value].name);
      if (t.at_load) loaded_->at_load.push_back(loaded_->transfers.size());
      loaded_->transfers.push_back(t);
    }
    return {};
  }

  Result<> load_stream(int e) {
    const auto engine = static_cast<isa::Engine>(e);
    const isa::Arch& arch = isa::arch(program().arch);
    loaded_->steps[e].reserve(program().streams[e].size());
    for (std::size_t pc = 0; pc < program().streams[e].size(); ++pc) {
      const isa::Instruction& i = program().streams[e][pc];
      auto step = load_one(i, engine, arch);
      if (!step)
        return std::move(step).error().within(fmt::format("{} pc {}", isa::info(engine).shown, pc));
      loaded_->steps[e].push_back(*std::move(step));
    }
    return {};
  }

  Result<Step> load_one(const isa::Instruction& i, isa::Engine engine, const isa::Arch& arch) {
    Step step;
    step.op = TRY(bind(i.op, engine, arch));
    const auto wait = [&](std::uint8_t mode, std::uint8_t semaphore, std::uint32_t value) {
      if (mode != isa::kNoWait) step.waits[step.wait_count++] = {{semaphore}, value};
    };
    wait(i.sync.wait_mode, i.sync.wait_semaphore, i.sync.wait_value);
    if (const auto* e = std::get_if<isa::event_semaphore>(&i.op)) {
      if (e->second_wait_mode != isa::kNoWait && e->second_wait_mode != isa::kWaitGreaterEqual)
        return fail(Code::UnknownInstruction,
                    "EVENT_SEMAPHORE: second wait mode is {}, known are 0 and 5",
                    e->second_wait_mode);
      wait(e->second_wait_mode, e->second_wait_semaphore, e->second_wait_value);
    }
    step.updates = i.sync.update_mode != isa::kNoUpdate;
    step.update = {i.sync.update_semaphore};
    if (const auto* trigger = std::get_if<isa::pseudo_dma_trigger>(&i.op)) {
      step.transfer = TRY(find_listed(*trigger, static_cast<int>(engine)));
    } else if (const auto* direct = std::get_if<isa::pseudo_dma_direct2d>(&i.op)) {
      step.transfer = TRY(add_direct(*direct, engine).within("PSEUDO_DMA_DIRECT2D"));
      if (is_in_register(direct->src_variable))
        step.source_register = static_cast<std::int8_t>(direct->src_offset);
    }
    if (const auto* indirect = std::get_if<isa::dma_indirect>(&i.op)) {
      step.transfer = TRY(add_indirect(*indirect, engine).within("DMA_INDIRECT"));
      step.is_indirect = true;
    }
    if (const auto* branch = std::get_if<isa::compare_branch>(&i.op))
      if (const auto size = program().streams[static_cast<int>(engine)].size();
          branch->target > size)
        return fail(Code::ExecutionFault,
                    "COMPARE_BRANCH: target {}, the stream has {} instructions", branch->target,
                    size);
    std::visit([&](const auto& op) { note_rows(op); }, step.op);
    return step;
  }

  Result<std::int32_t> find_listed(const isa::pseudo_dma_trigger& op, int engine) {
    const auto found = listed_[engine].find(std::pair(op.queue, op.dma_id));
    if (found == listed_[engine].end())
      return fail(Code::Malformed, "PSEUDO_DMA_TRIGGER: no transfer {} of queue '{}'", op.dma_id,
                  op.queue);
    if (loaded_->transfers[static_cast<std::size_t>(found->second)].at_load)
      return fail(Code::Malformed, "PSEUDO_DMA_TRIGGER: transfer {} of queue '{}' is one at load",
                  op.dma_id, op.queue);
    return found->second;
  }

  Result<QueueId> dynamic_queue(isa::Engine engine) {
    const auto& queues = program().queues;
    const auto queue = std::find_if(queues.begin(), queues.end(), [&](const Queue& q) {
      return q.kind != QueueKind::Static && q.owner == engine;
    });
    if (queue == queues.end())
      return fail(Code::Malformed, "no dynamic queue belongs to this engine");
    return QueueId{static_cast<std::uint16_t>(queue - queues.begin())};
  }

  /// As if every index were 0; the interpreter puts in the rows. One descriptor a partition.
  Result<std::int32_t> add_indirect(const isa::dma_indirect& op, isa::Engine engine) {
    Transfer t;
    t.queue = TRY(dynamic_queue(engine));
    t.semaphore = {op.semaphore};
    t.increment = op.increment;
    const VariableId variable = TRY(variable_of("variable", op.variable));
    const auto& variables = program().variables;
    const auto local = std::find_if(variables.begin(), variables.end(),
                                    [](const Variable& v) { return v.storage == Storage::Local; });
    if (local == variables.end())
      return fail(Code::Malformed, "no variable stands for the core's own memory");
    const VariableId own{static_cast<std::uint32_t>(local - variables.begin())};
    for (unsigned p = 0; p < op.partitions; ++p) {
      const std::int64_t at = op.local + std::int64_t{p} * isa::kPartitionStride;
      const Side row{variable, op.offset, {1, 0, 0, 0}, {op.bytes, 1, 1, 1}, op.type};
      const Side here{own, at, {1, 0, 0, 0}, {op.bytes, 1, 1, 1}, op.type};
      Descriptor d{DmaOp::Copy, {op.scatters ? here : row}, op.scatters ? row : here, {}, 1};
      if (op.accumulates) {
        d.op = DmaOp::Add;
        d.from.push_back(d.to);
      }
      t.descriptors.push_back(std::move(d));
    }
    TRY(check_transfer(t, program()));
    loaded_->transfers.push_back(std::move(t));
    return static_cast<std::int32_t>(loaded_->transfers.size() - 1);
  }

  Result<std::int32_t> add_direct(const isa::pseudo_dma_direct2d& op, isa::Engine engine) {
    Transfer t;
    t.queue = TRY(dynamic_queue(engine));
    const bool moves = is_in_register(op.src_variable);
    if (moves ? op.src_offset >= 64 : op.src_register != 0)
      return fail(Code::UnknownInstruction, "a shape from register 0x{:x} is not understood",
                  op.src_register);
    t.semaphore = {op.semaphore};
    t.increment = op.increment;
    const VariableId source =
        TRY(variable_of("source", moves ? op.src_variable & ~(0x08u << 24) : op.src_variable));
    const VariableId destination = TRY(variable_of("destination", op.dst_variable));
    Descriptor d;
    d.from.push_back({source,
                      moves ? 0 : op.src_offset,
                      {1, op.src_step0, op.src_step1, 0},
                      {op.src_element, op.src_num0, op.src_num1, 1},
                      op.src_type});
    d.to = {destination,
            op.dst_offset,
            {1, op.dst_step0, op.dst_step1, 0},
            {op.dst_element, op.dst_num0, op.dst_num1, 1},
            op.dst_type};
    t.descriptors.push_back(std::move(d));
    TRY(check_transfer(t, program()));
    loaded_->transfers.push_back(std::move(t));
    return static_cast<std::int32_t>(loaded_->transfers.size() - 1);
  }

  Result<VariableId> variable_of(const char* side, std::uint32_t operand) {
    const unsigned kind = operand >> 24, index = operand & 0xffffff;
    if (kind == kVariable) return VariableId{index};  // its range: check_transfer()
    if (kind != kDgeIndex)
      return fail(Code::UnknownInstruction,
                  "{} is of kind 0x{:02x}, known are 0x10 (variable) and 0x20 (DGE table)", side,
                  kind);
    if (index >= program().dge_table.size())
      return fail(Code::Malformed, "{} is entry {} of the DGE table, which has {}", side, index,
                  program().dge_table.size());
    return program().dge_table[index];
  }

  static bool is_in_register(std::uint32_t operand) { return operand >> 24 == kDgeRegister; }

  /// Remembers what the whole program needs to run.
  void note_kinds() {
    for (const auto& steps : loaded_->steps)
      for (const Step& step : steps) note_kind(step);
  }
  void note_kind(const Step& step) {
    loaded_->is_indirect |= step.is_indirect;
    loaded_->is_dynamic |=
        step.source_register >= 0 || std::holds_alternative<bound::tensor_store>(step.op);
    loaded_->is_random |= std::holds_alternative<bound::random>(step.op) ||
                          std::holds_alternative<bound::dropout>(step.op);
    loaded_->needs_peer |= std::holds_alternative<bound::pseudo_core_barrier>(step.op);
    if (step.transfer < 0) return;
    const auto is_remote = [&](const Side& side) {
      return program().variables[side.variable.value].storage == Storage::RemoteCore;
    };
    for (const Descriptor& d :
         loaded_->transfers[static_cast<std::size_t>(step.transfer)].descriptors)
      loaded_->needs_peer |=
          is_remote(d.to) || std::any_of(d.from.begin(), d.from.end(), is_remote);
  }

  template <class Op>
  void note_rows(const Op& op) {
    const auto note = [&](const View& v) {
      loaded_->longest_row = std::max(loaded_->longest_row, v.count);
    };
    if constexpr (requires { op.src.count; }) note(op.src);
    if constexpr (requires { op.lhs.count; }) note(op.lhs);
    if constexpr (requires { op.index.count; }) note(op.index);
    if constexpr (requires { op.predicate.count; }) note(op.predicate);
    if constexpr (requires { op.dst.count; }) note(op.dst);
  }

  LoadedPtr loaded_{new Loaded};
  /// By queue and id, for each engine: index in Loaded::transfers.
  std::array<std::map<std::pair<std::string, std::uint32_t>, std::int32_t>, isa::kEngines> listed_;
};

}  // namespace

void DeleteLoaded::operator()(Loaded* loaded) const { delete loaded; }

Result<LoadedPtr> load(Program program) {
  const std::string name = program.name;
  return Loader(std::move(program)).run().within(name);
}

bool needs_peer(const Loaded& loaded) { return loaded.needs_peer; }
const Program& program_of(const Loaded& loaded) { return loaded.program; }

}  // namespace neuron::sim

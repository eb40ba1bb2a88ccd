// SPDX-License-Identifier: Apache-2.0
#include "view/program.h"

#include <algorithm>

#include "isa/isa.h"
#include "view/accesses.h"
#include "view/counters.h"

namespace neuron::view {
namespace {

constexpr std::uint32_t kInserted = 0, kRemoved = 2;

std::uint32_t clipped(std::uint64_t bytes) {
  return static_cast<std::uint32_t>(std::min<std::uint64_t>(bytes, UINT32_MAX));
}

bool is_on_chip(const neff::Variable* v) {
  return v && (v->kind == neff::VariableKind::StateBuffer || v->kind == neff::VariableKind::Remote);
}

const neff::Variable* find(const auto& index, const auto& key) {
  auto at = index.find(key);
  return at == index.end() ? nullptr : at->second;
}

/// The variable that a PSEUDO_DMA_DIRECT2D names: by id, or by its place in a table of ids.
const neff::Variable* named_variable(const VariableIndex& variables, std::uint32_t word) {
  constexpr std::uint32_t kTable = 0x20;
  std::uint32_t id = word & 0xffffff;
  if (word >> 24 == kTable) {
    if (!variables.dge_table || id >= variables.dge_table->list.size()) return nullptr;
    id = variables.dge_table->list[id];
  }
  return find(variables.by_id, id);
}

std::uint64_t bytes_of(const neff::Side& side) {
  std::uint64_t bytes = 1;
  for (std::int64_t size : side.sizes)
    bytes = size <= 0 ? 0 : std::min<std::uint64_t>(UINT32_MAX, bytes * clipped(size));
  return side.sizes.empty() ? 0 : bytes;
}

void add_side(TransferBytes& sum, bool on_chip, bool is_source, std::uint64_t bytes) {
  auto& hbm = is_source ? sum.hbm_read : sum.hbm_write;
  auto& sbuf = is_source ? sum.sbuf_read : sum.sbuf_write;
  (on_chip ? sbuf : hbm) += bytes;
}

}  // namespace

VariableIndex::VariableIndex(const neff::Subgraph& subgraph) {
  for (const neff::Variable& v : subgraph.variables) {
    by_name.emplace(v.name, &v);
    by_id.emplace(v.id, &v);
    if (v.kind == neff::VariableKind::DgeTable && !dge_table) dge_table = &v;
  }
}

Program::Program(const ntff::Image& image, std::uint8_t core, ProgramContext& context)
    : image_(image),
      context_(context),
      base20_(static_cast<std::uint32_t>(image.base >> 6) & 0xfffff),
      // More slots than a 20-bit pc can tell apart are never executed by name.
      steps_(std::make_shared<std::vector<Step>>(
          std::min<std::size_t>(image.bytes.size() / isa::kInstructionBytes, 1u << 20))),
      is_described_(steps_->size()) {
  for (Step& step : *steps_) step.core = core;
  if (context.subgraph && image.engine < isa::kEngines)
    for (const neff::EngineProgram& program : context.subgraph->engines)
      if (program.token == isa::info(static_cast<isa::Engine>(image.engine)).token)
        compiled_ = &program;
  if (compiled_)
    for (const neff::Transfer& t : compiled_->transfers)
      by_trigger_.emplace(std::pair(std::string_view(t.queue), t.id), &t);
  place_compiler_pcs();
}

void Program::place_compiler_pcs() {
  const std::size_t slots = steps_->size();
  std::vector<std::int64_t> inserted(slots + 1), removed(slots + 1);
  for (const ntff::Image::Range& range : image_.ranges) {
    const std::size_t at = std::min<std::uint64_t>(range.offset / isa::kInstructionBytes, slots);
    if (range.kind == kInserted) {
      ++inserted[at];
      --inserted[at + std::min<std::uint64_t>(range.count, slots - at)];
    } else if (range.kind == kRemoved) {
      removed[at] += clipped(range.count);
    }
  }
  std::int64_t depth = 0, next = 0;
  for (std::size_t slot = 0; slot < slots; ++slot) {
    depth += inserted[slot];
    next += removed[slot];
    Step& step = (*steps_)[slot];
    step.compiler_pc = -1;
    if (depth == 0 && next <= INT32_MAX) step.compiler_pc = static_cast<std::int32_t>(next++);
  }
}

void Program::describe(std::uint32_t slot) {
  Step& row = (*steps_)[slot];
  is_described_[slot] = true;
  row.pc = slot;
  row.engine = image_.engine;
  const ByteView word =
      ByteView(image_.bytes).subspan(slot * isa::kInstructionBytes, isa::kInstructionBytes);
  row.opcode = row.compiler_opcode = load<std::uint8_t>(word, 0);
  if (auto decoded = isa::decode_one(word)) {
    row.operands =
        context_.texts.add(with_owners(isa::operands_of(*decoded), context_.semaphore_names));
    put_counters(row, *decoded, context_.arch);
    if (auto accesses = accesses_of(*decoded); !accesses.empty()) {
      row.accesses = static_cast<std::uint32_t>(context_.accesses.size());
      context_.accesses.push_back(std::move(accesses));
    }
  } else if (opcode_name(row.opcode).starts_with("Operation(")) {
    context_.oddities.count(Oddity::unknown_instructions);
  }
  if (row.compiler_pc >= 0) describe_compiler_side(row, slot);
}

void Program::describe_compiler_side(Step& row, std::uint32_t slot) {
  if (!compiled_) return;
  const auto pc = static_cast<std::size_t>(row.compiler_pc);
  if (pc < compiled_->backend_names.size())
    row.name = context_.texts.add(compiled_->backend_names[pc]);
  if (pc < compiled_->layers.size()) row.layer = context_.texts.add(compiled_->layers[pc]);
  if (pc >= compiled_->instructions.size() / isa::kInstructionBytes) return;
  const ByteView word = ByteView(compiled_->instructions)
                            .subspan(pc * isa::kInstructionBytes, isa::kInstructionBytes);
  row.compiler_opcode = load<std::uint8_t>(word, 0);
  const bool starts_transfer = row.compiler_opcode == isa::pseudo_dma_trigger::kOpcode ||
                               row.compiler_opcode == isa::pseudo_dma_direct2d::kOpcode;
  if (row.compiler_opcode == row.opcode && !starts_transfer) return;
  auto decoded = isa::decode_one(word);
  if (!decoded) return;
  if (row.compiler_opcode != row.opcode)
    row.compiler_operands =
        context_.texts.add(with_owners(isa::operands_of(*decoded), context_.semaphore_names));
  if (!starts_transfer) return;
  const StartedTransfer& start = started_[slot] = start_of(decoded->op);
  row.hbm_read = clipped(start.bytes.hbm_read);
  row.hbm_write = clipped(start.bytes.hbm_write);
  row.sbuf_read = clipped(start.bytes.sbuf_read);
  row.sbuf_write = clipped(start.bytes.sbuf_write);
}

StartedTransfer Program::start_of(const isa::Operation& op) const {
  StartedTransfer start;
  if (const auto* d = std::get_if<isa::pseudo_dma_direct2d>(&op)) {
    const auto size = [](std::uint64_t a, std::uint64_t b, std::uint64_t c) { return a * b * c; };
    add_side(start.bytes, is_on_chip(named_variable(context_.variables, d->src_variable)), true,
             size(d->src_num0, d->src_num1, d->src_element));
    add_side(start.bytes, is_on_chip(named_variable(context_.variables, d->dst_variable)), false,
             size(d->dst_num0, d->dst_num1, d->dst_element));
  } else if (const auto* trigger = std::get_if<isa::pseudo_dma_trigger>(&op)) {
    start.queue = trigger->queue;
    start.id = trigger->dma_id;
    start.shown_queue = context_.texts.add(shown_queue(trigger->queue));
    auto at = by_trigger_.find({trigger->queue, trigger->dma_id});
    if (at != by_trigger_.end()) add_descriptors(start, *at->second);
    if (at != by_trigger_.end() && at->second->collective) start.collective = at->second;
  }
  return start;
}

void Program::add_descriptors(StartedTransfer& start, const neff::Transfer& transfer) const {
  const std::string* variable = nullptr;  // the one in HBM tells more than the state buffer
  const auto add = [&](const neff::Side& side, bool is_source) {
    const auto* v = find(context_.variables.by_name, std::string_view(side.variable));
    if (!variable || (!is_source && !is_on_chip(v))) variable = &side.variable;
    add_side(start.bytes, is_on_chip(v), is_source, bytes_of(side));
  };
  for (const neff::Descriptor& d : transfer.descriptors) {
    for (const neff::Side& from : d.from) add(from, true);
    add(d.to, false);
  }
  if (variable) start.variable = context_.texts.add(*variable);
  if (transfer.queue.find("Spill") != std::string::npos) {
    start.bytes.spill_save = start.bytes.hbm_write;
    start.bytes.spill_reload = start.bytes.hbm_read;
  }
}

const StartedTransfer* Program::started(std::uint32_t slot) const {
  auto at = started_.find(slot);
  return at == started_.end() ? nullptr : &at->second;
}

}  // namespace neuron::view

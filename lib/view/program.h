// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <optional>

#include "isa/arch.h"
#include "isa/isa.h"
#include "neff/model.h"
#include "ntff/ntff.h"
#include "view/names.h"
#include "view/oddities.h"
#include "view/timeline.h"

namespace neuron::view {

/// Variables of a subgraph by name and by id.
struct VariableIndex {
  VariableIndex() = default;
  explicit VariableIndex(const neff::Subgraph& subgraph);
  std::unordered_map<std::string_view, const neff::Variable*> by_name;
  std::unordered_map<std::uint32_t, const neff::Variable*> by_id;
  const neff::Variable* dge_table = nullptr;
};

/// What the programs of one core share while they are described.
struct ProgramContext {
  const neff::Subgraph* subgraph = nullptr;  ///< null without a package
  VariableIndex variables;
  isa::ArchId arch = isa::ArchId::V2;
  std::vector<std::string> semaphore_names;
  Texts& texts;
  std::vector<std::vector<MemoryAccess>>& accesses;  ///< Timeline::accesses
  Oddities& oddities;
};

/// Bytes that a transfer moves between HBM and SBUF, and those of spill queues among them.
struct TransferBytes {
  std::uint64_t hbm_read = 0, hbm_write = 0, sbuf_read = 0, sbuf_write = 0;
  std::uint64_t spill_save = 0, spill_reload = 0;
};

/// What a slot starts: bytes, and for a PSEUDO_DMA_TRIGGER the queue and the package's transfer.
struct StartedTransfer {
  TransferBytes bytes;
  std::string queue;  ///< as in def.json; empty for transfers that the device makes
  std::uint32_t id = 0;
  TextId shown_queue, variable;
  const neff::Transfer* collective = nullptr;  ///< what ranks do together
};

/// The program of one engine as it stood in device memory: what all executions of a slot have in
/// common is found out once, at the first of them.
class Program {
 public:
  Program(const ntff::Image& image, std::uint8_t core, ProgramContext& context);

  /// The slot of a device address, or nothing where the image does not hold it.
  std::optional<std::uint32_t> slot_of(std::uint32_t pc20) const {
    const std::uint32_t slot = (pc20 - base20_) & 0xfffff;
    return slot < steps_->size() ? std::optional(slot) : std::nullopt;
  }
  const Step* step(std::uint32_t slot) {
    if (!is_described_[slot]) describe(slot);
    return steps_->data() + slot;
  }
  std::size_t size() const { return steps_->size(); }
  /// Where its steps live, for the timeline to keep.
  std::shared_ptr<const std::vector<Step>> steps() const { return steps_; }
  /// Null where the slot starts no transfer.
  const StartedTransfer* started(std::uint32_t slot) const;

 private:
  void place_compiler_pcs();
  void describe(std::uint32_t slot);
  void describe_compiler_side(Step& row, std::uint32_t slot);
  StartedTransfer start_of(const isa::Operation& op) const;
  void add_descriptors(StartedTransfer& start, const neff::Transfer& transfer) const;

  const ntff::Image& image_;
  ProgramContext& context_;
  const neff::EngineProgram* compiled_ = nullptr;
  std::map<std::pair<std::string_view, std::uint32_t>, const neff::Transfer*> by_trigger_;
  std::uint32_t base20_ = 0;
  std::shared_ptr<std::vector<Step>> steps_;
  std::vector<bool> is_described_;
  std::unordered_map<std::uint32_t, StartedTransfer> started_;
};

}  // namespace neuron::view

// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "base/id.h"
#include "base/spool.h"

/// What a trace tells once starts are paired with ends and names are known. Times are picoseconds
/// from the begin of the window; records are structs of one row each, in order of their begin.
namespace neuron::view {

using TextId = Id<struct TextTag>;  ///< index in Timeline::texts; 0 is ""

/// An instruction of a program: what all its executions have in common.
struct Step {
  std::uint32_t pc = 0;
  std::int32_t compiler_pc = -1;  ///< -1: inserted by the runtime
  std::uint8_t engine = 0;        ///< 0 tensor ... 4 sync
  std::uint8_t core = 0;          ///< index in Timeline::cores
  std::uint8_t opcode = 0, compiler_opcode = 0;
  TextId operands, name, layer;  ///< name = backend instruction ("I-50-0")
  TextId compiler_operands;      ///< where the runtime put another instruction in its place
  std::uint32_t accesses = 0;    ///< index in Timeline::accesses
  /// Bytes a partition; of a whole transfer where the instruction starts one.
  std::uint32_t sbuf_read = 0, sbuf_write = 0, psum_read = 0, psum_write = 0;
  std::uint32_t hbm_read = 0, hbm_write = 0;  ///< bytes of the transfer it starts
  std::uint64_t flops = 0;                    ///< matmul only
  std::uint64_t adjusted_flops = 0;           ///< in units of bfloat16 work
  bool is_transpose = false;
};
inline constexpr Step kNoStep;
/// One execution: `->` leads to its step.
struct Instruction {
  std::int64_t begin_ps = 0, end_ps = 0;
  const Step* step = &kNoStep;    ///< one of Timeline::steps
  std::uint32_t wait_cycles = 0;  ///< of the engine's clock
  std::uint16_t crc_in = 0xffff, crc_out = 0xffff;
  const Step* operator->() const { return step; }
};
/// Bytes of on-chip memory that an instruction reads or writes, from the first to the last.
struct MemoryAccess {
  std::uint32_t begin = 0, end = 0;  ///< in one partition; PSUM starts at isa::kPsumBase
  std::uint8_t first_partition = 0, partitions = 0;
  bool is_write = false;
};
struct DmaPacket {
  std::int64_t begin_ps = 0, end_ps = 0;
  std::uint32_t bytes = 0;
  std::uint16_t engine = 0, ring = 0, crc = 0;
  std::uint8_t core = 0;
  std::uint32_t index = 0;     ///< in its ring, in the window
  std::uint32_t transfer = 0;  ///< index in Timeline::transfers plus one; 0 when not known
};
/// All packets that one execution of a PSEUDO_DMA_TRIGGER started.
struct DmaTransfer {
  std::int64_t begin_ps = 0, end_ps = 0;
  std::uint64_t bytes = 0;            ///< of its packets
  std::uint64_t hbm_bytes = 0;        ///< read from HBM and written to it, by the package
  std::uint32_t packets = 0, id = 0;  ///< id of the transfer in the package
  std::uint8_t core = 0;
  TextId queue, variable;
};
struct SemaphoreUpdate {
  std::int64_t at_ps = 0;
  std::uint32_t value = 0;
  std::uint8_t id = 0, core = 0;
};
struct Throttle {
  std::int64_t begin_ps = 0, end_ps = 0;
  std::uint8_t k = 0, n = 0, kind = 0, core = 0;
};
/// A collective operation on a CC-core, and the instruction that triggered it.
struct Collective {
  std::int64_t begin_ps = 0, end_ps = 0;
  std::int64_t trigger_ps = 0;  ///< begin of that instruction; begin_ps when it is not known
  std::uint64_t in_bytes = 0, out_bytes = 0;
  TextId operation, algorithm, dtype, replica_group, pairs;
  std::uint32_t pc = 0, id = 0;  ///< id of the transfer in the package
  std::uint32_t elements = 0, stream = 0;
  std::uint8_t cc_core = 0, engine = 0, core = 0;
};
/// Static: made by the compiler, and the package does not say for what.
enum class QueueType : std::uint8_t {
  Static,
  HardwareDynamic,
  SoftwareDynamic,
  Instruction,
  Input,
  Output,
  Data
};
struct DmaRing {
  std::uint16_t engine = 0, ring = 0;  ///< engine as packets have it
  std::uint8_t core = 0;
  QueueType type = QueueType::Static;
  std::string queue;  ///< display name: "qSyncDynamicHW"
};
struct MemoryUse {
  std::string name;
  std::uint64_t bytes = 0;
  std::uint8_t core = 0;
};
struct Tensor {
  std::string name, kind, format, shape;  ///< kind: IN, OUT or WEIGHT
  std::uint64_t bytes = 0;
};
struct CoreInfo {
  std::string subgraph;
  std::uint32_t nc_index = 0, device_index = 0;
  std::vector<std::string> semaphore_names;        ///< 256, "" when nobody is named
  std::uint64_t trace_count = 0, event_count = 0;  ///< records in the window
};

struct Timeline {
  std::string profile_name, neff_name, network_name, uuid, neff_hash;
  std::string runtime_version, driver_version, collectives_version, compiler_version, instance_type;
  int ntff_version = 0;
  bool is_simulated = false;
  std::string target;  ///< "cayman"
  std::uint32_t lnc_size = 1;
  double tensor_ghz = 0, base_ghz = 0, hbm_bytes_per_s = 0, dma_bytes_per_s = 0;
  std::uint32_t sbuf_partition_bytes = 0, psum_partition_bytes = 0;
  std::uint64_t model_macs = 0;  ///< from hlo_stats.json
  std::int64_t total_ps = 0;
  std::uint64_t trace_count = 0, event_count = 0;  ///< records in the window
  std::vector<CoreInfo> cores;
  SpoolList<Instruction> instructions;
  SpoolList<DmaPacket> packets;
  std::vector<DmaTransfer> transfers;
  SpoolList<SemaphoreUpdate> semaphores;
  SpoolList<Throttle> throttles;
  SpoolList<Collective> collectives;
  std::vector<DmaRing> rings;
  std::vector<MemoryUse> memory;
  std::vector<Tensor> tensors;
  /// What instructions touch on chip, shared by all executions of one; 0 is nothing.
  std::vector<std::vector<MemoryAccess>> accesses{{}};
  std::vector<std::string> texts;     ///< shared strings
  std::vector<std::string> warnings;  ///< oddities, one sentence each, with advice
  std::vector<std::pair<std::string, std::string>> neff_header;  ///< as `packager info` has it
  std::uint32_t neff_node = 0;                                   ///< index in neff.json
  std::uint64_t spill_save_bytes = 0, spill_reload_bytes = 0;    ///< of transfers that ran
  /// Where steps live; copies of a timeline share them.
  std::vector<std::shared_ptr<const std::vector<Step>>> steps;
  /// Keeps a step; what it returns stays where it is.
  const Step* add_step(const Step& step) {
    steps.push_back(std::make_shared<const std::vector<Step>>(1, step));
    return steps.back()->data();
  }
  const std::string& text(TextId id) const { return texts[id.value]; }
};

/// Official mnemonic of an opcode byte, the runtime's own included: "DRAIN"; "Operation(0x93)".
std::string opcode_name(std::uint8_t opcode);
/// Word of the official tool: "hardware_dynamic".
const char* name_of(QueueType type);
/// Whether the compiler laid the packets of such a queue down, as opposed to a device engine.
inline bool is_static(QueueType type) {
  return type != QueueType::HardwareDynamic && type != QueueType::SoftwareDynamic;
}
/// Row of the timeline: "TensorMatrix" for a MATMUL on Tensor, else the engine's name.
const char* track_of(const Instruction& instruction);
/// The wait as the official tool counts it: cycles of the base clock, in float32 arithmetic.
std::int64_t wait_ns(const Instruction& instruction, double base_ghz);

}  // namespace neuron::view

// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/id.h"
#include "isa/arch.h"
#include "isa/isa.h"
#include "sim/collective.h"

/// The machine: one NeuronCore program, read twice. The values: execute(). The clock: schedule().
///   auto loaded = TRY(sim::load(std::move(program)));         // all checks
///   TRY(sim::execute(*loaded, core, variables));              // computes
///   sim::Schedule when = TRY(sim::schedule(*loaded));         // predicts, independent of data
namespace neuron::sim {

using VariableId = Id<struct VariableTag>;           ///< index in Program::variables
using QueueId = Id<struct QueueTag, std::uint16_t>;  ///< index in Program::queues
using SemaphoreId = Id<struct SemaphoreTag, std::uint8_t>;

/// Where the bytes of a variable lie while a program runs.
enum class Storage {
  Local,      ///< SBUF and PSUM of this core, by linear address
  Device,     ///< HBM; the caller binds bytes of at least `size`
  RemoteCore  ///< SBUF of the other core of a logical core
};
struct Variable {
  std::string name;
  Storage storage = Storage::Device;
  std::uint64_t size = 0;
};

/// One side of a DMA descriptor: bytes of a variable by steps, innermost first, all in bytes.
struct Side {
  VariableId variable;
  std::int64_t offset = 0;
  std::array<std::int64_t, 4> steps{1, 0, 0, 0};
  std::array<std::int64_t, 4> sizes{1, 1, 1, 1};
  DType type = DType::UInt8;
};
enum class DmaOp { Copy, Add, Min, Max, Transpose };  ///< Copy casts when the types differ
struct Descriptor {
  DmaOp op = DmaOp::Copy;
  std::vector<Side> from;  ///< one for Copy and Transpose
  Side to;
  std::array<std::int64_t, 4> transpose_shape{};
  std::int64_t element_size = 1;
};
struct Transfer {
  std::uint32_t id = 0;
  QueueId queue;
  SemaphoreId semaphore;
  std::uint32_t increment = 16;
  std::vector<Descriptor> descriptors;
  /// Not DMA of this core alone: ranks work together, each from the only source of the only
  /// descriptor to its destination, of sizes that fit the operation. Null for all others.
  std::shared_ptr<const Collective> collective = {};
  /// No instruction starts it: it brings constants to SBUF when a core takes up the program, and
  /// nothing else writes to those bytes, so that they are there at every execution.
  bool at_load = false;
};

enum class QueueKind { Static, HardwareDynamic, SoftwareDynamic };
struct Queue {
  std::string name;
  QueueKind kind = QueueKind::Static;
  isa::Engine owner = isa::Engine::Sync;
  std::uint32_t rings = 16;
};

/// One core's program, free of any file format.
struct Program {
  isa::ArchId arch = isa::ArchId::V3;
  std::string name;  ///< "sg00", for messages
  std::array<std::vector<isa::Instruction>, isa::kEngines> streams;
  std::vector<Variable> variables;  ///< index = the id that PSEUDO_DMA_DIRECT2D names
  std::vector<Queue> queues;
  std::array<std::vector<Transfer>, isa::kEngines> transfers;  ///< what PSEUDO_DMA_TRIGGER names
  std::vector<VariableId> dge_table;
  /// Set by load() where a stream had branches and was laid out along its way: the instruction of
  /// the package that each one of the stream is. Else empty.
  std::array<std::vector<std::uint32_t>, isa::kEngines> path;
  /// The number in the package of instruction `pc` of a stream.
  std::uint32_t package_pc(isa::Engine engine, std::uint32_t pc) const {
    const auto& way = path[static_cast<std::size_t>(engine)];
    return pc < way.size() ? way[pc] : pc;
  }
};

/// SBUF and PSUM of one core in the linear addresses that instructions use. Pages appear on touch.
struct Rounding;
class Core {
 public:
  explicit Core(isa::ArchId arch);
  ~Core();
  Core(Core&&) noexcept;
  std::span<std::byte> memory() { return memory_; }
  isa::ArchId arch() const { return arch_; }
  /// Much of SBUF will be used: in huge pages from now on, whose faults cost less than those of as
  /// many small ones. For a small program they cost more.
  void expect_much();
  /// From now on engines round what they write to floats narrower than 32 bits at random, each by a
  /// generator of its own made of `seed` that goes on from run to run. DMA rounds to nearest.
  void round_at_random(std::uint64_t seed);
  /// Null while rounding is to nearest.
  Rounding* rounding() { return rounding_.get(); }
  /// Who runs the collective operations of programs on this core; null: nobody, they fail.
  void join(CollectivePort* port) { port_ = port; }
  CollectivePort* port() const { return port_; }
  /// The program whose constants lie in SBUF since it was taken up (Loaded::serial); 0: none.
  std::uint64_t holder() const { return holder_; }
  void hold_for(std::uint64_t serial) { holder_ = serial; }

 private:
  isa::ArchId arch_;
  std::span<std::byte> memory_;
  std::unique_ptr<Rounding> rounding_;
  CollectivePort* port_ = nullptr;
  std::uint64_t holder_ = 0;
  bool expects_much_ = false;
};

/// A program that passed all checks: operands inside SBUF and PSUM, transfers inside their
/// variables, partition rules kept. Defined in sim/loaded.h; the caller only holds it.
struct Loaded;
struct DeleteLoaded {
  void operator()(Loaded*) const;
};
using LoadedPtr = std::unique_ptr<Loaded, DeleteLoaded>;
Result<LoadedPtr> load(Program program);
/// It waits for the other core of a logical core, or moves its memory.
bool needs_peer(const Loaded& loaded);
const Program& program_of(const Loaded& loaded);

/// Runs all five streams to their ends on `core`. `variables[i]` are the bytes of Device variable i
/// (others: empty). Semaphores start at zero. Errors: ExecutionFault with engine and pc, also when
/// all engines wait for something that never comes. `shuffle` picks another legal order of engines
/// and transfers: a program whose result depends on it lacks a wait.
Result<> execute(const Loaded& loaded, Core& core, std::span<const std::span<std::byte>> variables,
                 std::optional<std::uint64_t> shuffle = {});

/// What one core of a logical core of several runs.
struct Part {
  const Loaded* loaded = nullptr;
  Core* core = nullptr;
  std::span<const std::span<std::byte>> variables;
};
/// As execute(), for the cores of one logical core at once: they meet at barriers, and each sees
/// the memory of the other.
Result<> execute_together(std::span<const Part> parts, std::optional<std::uint64_t> shuffle = {});

/// Times are picoseconds from the first instruction of the program.
struct InstructionTime {
  isa::Engine engine;
  std::uint32_t pc;
  std::uint64_t wait_ps;  ///< how long it waited for semaphores before it began
  std::uint64_t begin_ps, end_ps;
};
struct PacketTime {
  QueueId queue;
  std::uint32_t ring;  ///< = DMA engine, 0 to 15
  isa::Engine issuer;
  std::uint32_t pc;  ///< of the instruction that started the transfer
  std::uint32_t bytes;
  std::uint64_t begin_ps, end_ps;
};
struct SemaphoreTime {
  SemaphoreId semaphore;
  std::uint32_t value;
  int originator;  ///< engine index, or 5 for DMA
  std::uint64_t at_ps;
};
struct ThrottleTime {
  std::uint64_t at_ps;
  std::uint32_t k, n;  ///< tensor engine runs at k/n
};
/// A collective operation on the CC-core of its stream, every other rank triggering when this one
/// does.
struct CollectiveSpan {
  std::shared_ptr<const Collective> what;
  std::uint64_t in_bytes, out_bytes;
  const char* algorithm;  ///< collective_time.h
  isa::Engine issuer;
  std::uint32_t pc;  ///< of the instruction that triggered it
  std::uint64_t trigger_ps, begin_ps, end_ps;
};
struct Schedule {
  std::vector<InstructionTime> instructions;
  std::vector<PacketTime> packets;
  std::vector<SemaphoreTime> semaphores;
  std::vector<ThrottleTime> throttles;
  std::vector<CollectiveSpan> collectives;  ///< in the order of their triggers
  std::uint64_t span_ps = 0;                ///< first instruction to last end
  std::uint64_t total_ps = 0;  ///< with the launch costs before and after, as a device trace shows
  std::uint64_t preamble_ps = 0;  ///< part of total_ps before the first instruction
};
/// The clock alone; of a program with branches along its way, if no data decides it. Fails
/// (ExecutionFault) on a deadlock.
Result<Schedule> schedule(const Loaded& loaded);

}  // namespace neuron::sim

// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <variant>
#include <vector>

#include "sim/sim.h"

/// What a program is once every check has passed: operands as views that lie inside SBUF or PSUM,
/// transfers resolved, semaphores as numbers. Private to sim.
namespace neuron::sim {

/// One row of elements a partition, inside SBUF or PSUM. Made by bind() only.
struct View {
  std::uint32_t at = 0;                 ///< byte address in Core::memory() of the first element
  std::array<std::int32_t, 4> steps{};  /// in bytes, innermost first
  std::array<std::uint32_t, 4> nums{};
  std::uint32_t count = 0;  ///< elements in one partition
  std::uint32_t partitions = 0;
  DType type = DType::Unknown;
  std::uint8_t size = 0;  ///< bytes of one element
  bool dense = false;     ///< the elements of a partition follow each other
  bool direct = false;    ///< dense, float32 and aligned: may be used in place
};

/// The structs of isa.def again, with views for patterns.
namespace bound {
#define U8(field, at) std::uint8_t field{};
#define U16(field, at) std::uint16_t field{};
#define U32(field, at) std::uint32_t field{};
#define F32(field, at) float field{};
#define TYPE(field, at) DType field{};
#define TYPE_LOW(field, at) DType field{};
#define TYPE_HIGH(field, at) DType field{};
#define ALU(field, at) isa::Alu field{};
#define ACT(field, at) isa::Activation field{};
#define AP3(field, at) View field{};
#define AP4(field, at) View field{};
#define NAME(field, at)
#define NO_OPERANDS
#define NEURON_OP(code, name, text, engines, cost, evidence, operands, sentence) \
  struct name {                                                                  \
    operands                                                                     \
  };
#include "isa/isa.def"
#undef NEURON_OP
#include "isa/operands_undef.h"

using Operation = std::variant<std::monostate
#define NEURON_OP(code, name, text, engines, cost, evidence, operands, sentence) , name
#include "isa/isa.def"
#undef NEURON_OP
                               >;
}  // namespace bound

struct Wait {
  SemaphoreId semaphore;
  std::uint32_t value = 0;
};

/// One instruction, ready to run.
struct Step {
  std::array<Wait, 3> waits;
  std::uint8_t wait_count = 0;
  bool updates = false;
  SemaphoreId update;                ///< grows by one on completion, if `updates`
  std::int32_t transfer = -1;        ///< index in Loaded::transfers that this instruction starts
  std::int8_t source_register = -1;  ///< its source starts at the bytes that this register holds
  bool is_indirect = false;          ///< its rows are found by indices in SBUF
  bound::Operation op;
};

struct Loaded {
  Program program;
  std::array<std::vector<Step>, isa::kEngines> steps;  ///< as Program::streams, one for one
  /// Those of Program::transfers and one for each PSEUDO_DMA_DIRECT2D, all inside their variables.
  std::vector<Transfer> transfers;
  std::vector<std::size_t> at_load;  ///< which of them bring what stays in SBUF
  std::uint64_t serial = 0;          ///< of its own, for Core::holder()
  std::uint32_t longest_row = 0;     ///< elements of the longest view
  /// Registers decide addresses: only the interpreter runs such a program.
  bool is_dynamic = false;
  /// Has rows that are found by indices in SBUF.
  bool is_indirect = false;
  /// Waits for the other core of its logical core, or moves its memory: execute_together() only.
  bool needs_peer = false;
  /// Draws random numbers: every execution starts with the same generators.
  bool is_random = false;
  /// Which instructions run depends on data: it could not be laid out (unroll.h).
  bool has_branches = false;
};

/// Checks one operation of `engine` and turns its patterns into views (bind.cpp).
Result<bound::Operation> bind(const isa::Operation& op, isa::Engine engine, const isa::Arch& arch);

/// Bytes that one side of a descriptor visits; the side has passed check_transfer().
std::int64_t bytes_of(const Side& side);
/// Holds a transfer to its variables: every byte inside, counts equal (dma.cpp).
Result<> check_transfer(const Transfer& transfer, const Program& program);

/// Where the bytes of a variable lie, by index; empty for those not bound.
using Variables = std::span<const std::span<std::byte>>;
/// Moves all bytes of a checked transfer.
void run_transfer(const Transfer& transfer, Variables variables);

/// Holds the sides of a collective operation to their variables, and their sizes to each other
/// (collective.cpp).
Result<> check_collective(const Transfer& transfer, const Program& program);
/// Does this core's part in a checked one; `port` null: an error that says who could.
Result<> run_collective(const Transfer& transfer, Variables variables, CollectivePort* port);
/// Holds what is done at load to its promise: constants that nothing writes to come to bytes of
/// SBUF that nothing else writes to (at_load.cpp).
Result<> check_at_load(const Loaded& loaded);

/// Gives a transfer of DMA_INDIRECT the rows that indices in `memory` name; those outside are left
/// out, or an error (dma.cpp).
Result<> find_rows(const bound::dma_indirect& in, ByteView memory, const Program& program,
                   Transfer& t);
/// Every byte of a side inside its variable (dma.cpp).
Result<> check_side(const Side& side, const Program& program);

}  // namespace neuron::sim

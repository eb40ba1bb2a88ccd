// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "base/id.h"
#include "base/result.h"
#include "base/tensor.h"
#include "compile/memory.h"
#include "isa/arch.h"
#include "isa/isa.h"
#include "isa/wide.h"

/// The program between operators and bytes: steps in one legal order, each with the memory that it
/// reads and writes. Operators append steps; they never see a semaphore (sync.h) or a file
/// (emit.h).
///   Kernel k(isa::arch(isa::ArchId::V3));
///   Tile tile = Arena::take(k.sbuf, 4 * n);
///   k.load({from}, line(address_of(tile), 128, n));  k.tensor_tensor(Engine::Vector, ...);
namespace neuron::compile {

using isa::Alu;
using isa::Engine;
using VariableId = Id<struct KernelVariableTag>;  ///< index in Kernel::variables

/// What an instruction reads or writes: `partitions` rows of one access pattern.
struct View {
  isa::Pattern at;
  int partitions = 1;
  DType type = DType::Float32;
};
struct Dim {
  std::int64_t count, step;  ///< step in elements
};
/// A view by its dimensions, innermost first; those that continue each other become one.
View grid(std::uint32_t address, int partitions, const std::vector<Dim>& dims);
/// The same with every dimension kept, for reductions, which count axes.
View axes(std::uint32_t address, int partitions, const std::vector<Dim>& dims);
inline View line(std::uint32_t address, int partitions, std::int64_t count, std::int64_t step = 1) {
  return grid(address, partitions, {{count, step}});
}
inline std::uint32_t address_of(const Tile& tile) {
  return static_cast<std::uint32_t>(tile->begin);
}

enum class VariableUse { Local, Remote, Input, Output, Constant, Scratch };
struct KernelVariable {
  std::string name;
  VariableUse use = VariableUse::Local;
  std::uint64_t bytes = 0;
  std::uint64_t offset = 0;  ///< Scratch: place in the scratchpad
  Tensor constant;           ///< Constant: what the package carries
};
inline constexpr VariableId kLocal{0};  ///< SBUF and PSUM, by linear address

/// One side of a transfer, and the loops around its runs of contiguous bytes, innermost first.
struct Place {
  VariableId variable;
  std::int64_t offset = 0;
};
struct Loop {
  std::int64_t count, from, to;  ///< steps in bytes
};
struct Move {
  Place from, to;
  std::int64_t run = 0;  ///< contiguous bytes on both sides
  std::vector<Loop> loops;
};

/// Loads run ahead on Sync's queue; stores wait for results, so another engine issues them. What
/// ranks do together has a queue of its own, and so have rows that are found by indices.
enum class Queue : std::uint8_t { Load, Store, Collective, Rows };
inline constexpr int kQueues = 4;
Engine owner_of(Queue queue);

/// Bytes [begin, end) of a variable; in SBUF and PSUM those of every partition, PSUM at kPsumBase.
struct Access {
  VariableId variable;
  std::uint64_t begin = 0, end = 0;
  bool write = false;
};
struct Step {
  Engine engine = Engine::Sync;
  isa::Operation op;       ///< monostate for a transfer
  int transfer = -1;       ///< index in Kernel::transfers
  std::uint32_t note = 0;  ///< index in Kernel::notes
  std::vector<Access> access;
};
/// What all ranks do together with runs of HBM: float sums, or bytes of all one after another.
struct Together {
  bool sums = false;
  Place from, to;
  std::int64_t bytes = 0;  ///< of one rank
  std::uint32_t ranks = 1;
};
struct KernelTransfer {
  Queue queue = Queue::Load;
  std::vector<Move> moves;
  std::optional<Together> together = std::nullopt;       ///< of Queue::Collective, instead of moves
  std::optional<isa::dma_indirect> rows = std::nullopt;  ///< of Queue::Rows; the move is the first
};
struct Note {
  std::string layer, op;
};

/// Of float32, a half of the weights at a time, or Single: their upper halves with those of what
/// moves, 12 significant bits each. Exact: other types.
enum class Pass : std::uint8_t { Exact = 0, Low = 1, High = 2, Single = 3 };

struct Kernel {
  explicit Kernel(const isa::Arch& of);

  const isa::Arch& arch;
  std::vector<KernelVariable> variables;
  std::vector<KernelTransfer> transfers;
  std::vector<Move> at_load;     ///< constants that come to SBUF once and stay
  std::uint64_t kept_bytes = 0;  ///< what they take of every partition
  std::vector<Step> steps;
  std::vector<Note> notes;
  std::vector<std::string> activation_sets;  ///< in the order of ACT_TABLE_LOAD's index
  std::shared_ptr<Arena> sbuf, scratch;
  std::uint64_t macs = 0;
  bool extended = false;             ///< uses codes of our own, which no public package shows
  std::optional<VariableId> remote;  ///< SBUF of the other core, once something goes there
  std::string problem;  ///< the first operand that no instruction can hold; empty when well

  VariableId variable(KernelVariable v);
  /// The next PSUM bank of 2 KiB a partition, in turn, that nobody holds.
  std::uint32_t bank();
  /// Keeps a bank out of turn while sums in it go on; at most half of them.
  void hold(std::uint32_t bank, bool held);
  /// Vector or Scalar, whichever has less to do so far; for work that both can do.
  Engine lighter(std::int64_t elements);

  void load(std::vector<Move> moves) { transfer(Queue::Load, std::move(moves)); }
  void store(std::vector<Move> moves) { transfer(Queue::Store, std::move(moves)); }
  void transfer(Queue queue, std::vector<Move> moves);
  void join(const Together& what);
  /// `bytes` of each of so many partitions from `own` to `theirs` of the other core's SBUF; the
  /// other core does the same, and what it sends is at `theirs` here when this is done. `core` is
  /// the number of this one.
  void exchange(std::int64_t core, std::uint32_t own, std::uint32_t theirs, int partitions,
                std::int64_t bytes);
  /// Row index[p] of a table of `rows` rows of `bytes` in HBM to partition p, at `to`. `index` is
  /// one UInt32 a partition.
  void load_rows(Place table, std::int64_t rows, std::int64_t bytes, std::uint32_t to,
                 const View& index);
  bool is_joint() const;  ///< does something together with other ranks

  /// `weights` is one row a partition (K) of M columns; stationary until the next ldweights.
  void ldweights(const View& weights, Pass pass, bool transpose = false);
  void matmul(const View& dst, const View& moving, Pass pass, bool first, bool last, int columns,
              bool transpose = false);
  void tensor_tensor(Engine engine, const View& dst, const View& lhs, Alu op, const View& rhs);
  /// dst = (src op0 a) op1 b, with values.
  void tensor_scalar(Engine engine, const View& dst, const View& src, Alu op0, float a,
                     Alu op1 = Alu::Bypass, float b = 0);
  /// The same with one value a partition, at an SBUF address, for `a`.
  void tensor_pointer(Engine engine, const View& dst, const View& src, Alu op0, std::uint32_t a,
                      Alu op1 = Alu::Bypass, float b = 0);
  /// Reduces the innermost axes (1 or 2) of src.
  void reduce(Engine engine, const View& dst, const View& src, Alu op, int axes,
              bool negate = false);
  void activate(const View& dst, const View& src, isa::Activation function, float scale = 1,
                float bias = 0);
  void copy(Engine engine, const View& dst, const View& src);
  void reciprocal(const View& dst, const View& src);
  void memset(Engine engine, const View& dst, float value);
  // On GpSimd, in SBUF: routines of our own, see isa.def.
  /// dst = dst op src, whole numbers exactly, else in doubles.
  void wide(const View& dst, isa::Wide op, const View& src);
  /// dst[i] = src[index[i]], unchanged where src has no such element.
  void gather(const View& dst, const View& src, const View& index);
  /// dst[index[i]] = dst[index[i]] op src[i], in order.
  void scatter(const View& dst, isa::Wide op, const View& src, const View& index);
  /// dst = the places of the first elements of src in order.
  void sort(const View& dst, const View& src, bool descending);
  void begin_note(std::string layer, std::string op);

 private:
  Step& append(Engine engine, isa::Operation op);
  void reads(Step& step, const View& view);
  void writes(Step& step, const View& view);
  void need_dims(const View& view, int dims);
  void meet(Access access);
  std::uint32_t barriers_ = 0;
  int set_ = -1;
  int bank_ = 0;
  std::uint32_t held_ = 0;           ///< a bit a bank
  std::array<double, 2> busy_ns_{};  ///< Vector, Scalar
};

}  // namespace neuron::compile

// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <memory>
#include <optional>

#include "sim/plan/moves.h"
#include "sim/plan/region.h"

/// What of SBUF is a copy of bytes that still lie where they came from, or zeros. Convolutions have
/// such copies made, shifted against each other and between borders, so that one product sums
/// several taps. On the host it brings its moving rows from where they were copied from; copies
/// that nobody else reads are not made.
namespace neuron::sim {

/// Where the rows of a moving view come from.
struct CopiedView {
  static constexpr std::int32_t kZero = INT32_MIN;
  using Pattern = std::vector<std::int32_t>;  ///< bytes from a row to each element, or kZero
  /// Rows that lie `step` bytes apart.
  struct Rows {
    VariableId variable;
    std::int64_t at = 0, step = 0;
    unsigned count = 1;
    std::size_t pattern = 0;
    bool operator==(const Rows&) const = default;
  };

  std::vector<Rows> rows;
  std::vector<Pattern> patterns;
  std::vector<Region> sources;      ///< what is read
  std::vector<std::size_t> copies;  ///< in whose stead, as Copies numbers them
  bool operator==(const CopiedView& o) const { return rows == o.rows && patterns == o.patterns; }
};

class Copies {
 public:
  /// `constants`: variables that never change, which Origins knows.
  Copies(const Loaded& loaded, std::span<const ByteView> constants);

  /// The moves of a transfer, if all of them make copies; else none.
  std::vector<Move> copies_of(const Transfer& transfer) const;
  /// Notes that kernels [begin, end) of the plan make them, and touch `touches`.
  void arrive(const std::vector<Move>& moves, const Touches& touches, std::size_t begin,
              std::size_t end);
  /// The same for zeros.
  static bool is_zero(const bound::memset& in);
  void clear(const bound::memset& in, std::size_t kernel);
  void read(const Region& region);
  /// Something else is written.
  void write(const Touch& touch);

  /// Where `view` was copied from; null if it has to be read where it lies.
  std::shared_ptr<const CopiedView> find(const View& view);
  /// Its copies have to be made nevertheless.
  void need(const CopiedView& copied);
  /// Kernels whose copies nobody needs, as [begin, end).
  std::vector<std::pair<std::size_t, std::size_t>> spared() const;

 private:
  /// Runs of bytes in rows of some partitions, the same in each.
  struct Copy {
    std::size_t id = 0;  ///< in made_
    Region box;
    std::int64_t run = 0;
    std::vector<Loop> loops;             ///< in a row, the widest first; no turn meets another
    std::optional<VariableId> variable;  ///< whence; nothing: zeros
    std::vector<std::int64_t> from;      ///< the first byte of each partition of the box, or kNone
    std::vector<Region> sources;
    std::vector<Region> over;  ///< what lies over it by now
    bool known = true;         ///< neither it nor where it came from has changed

    bool covers(std::uint32_t partition) const;
    std::optional<std::int64_t> find(std::int64_t byte) const;
    bool lay_out(std::int64_t to_at, std::span<const Loop> all);
  };
  /// Kernels that make copies.
  struct Made {
    std::size_t begin, end;
    bool needed = false;
  };
  class Search;

  static std::optional<Copy> copy_of(const Move& move, bool zeros);
  void add(Copy copy);

  const Program& program_;
  std::vector<bool> fixed_;  ///< SBUF, and variables that the program only reads
  std::vector<Copy> copies_;
  std::vector<Made> made_;
  std::vector<std::pair<View, std::shared_ptr<const CopiedView>>>
      found_;  ///< since the last change
};

}  // namespace neuron::sim

// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <optional>
#include <variant>

#include "sim/arithmetic.h"
#include "sim/plan/kernel.h"
#include "sim/plan/pieces.h"
#include "sim/plan/region.h"
#include "sim/plan/tile.h"

/// Elementwise instructions that follow each other on the same elements, done in one pass: behind a
/// product on the way out of its tiles, or row by row. What nobody else reads of their results is
/// not written.
namespace neuron::sim {

using Elementwise =
    std::variant<const bound::tensor_scalar*, const bound::activate*, const bound::reciprocal*,
                 const bound::copy*, const bound::cast*, const bound::tensor_tensor*>;

/// Where an operand comes from: an earlier link of the chain (its number), or one of these.
enum : int { kMemory = -1, kSum = -2, kNone = -3 };

struct Link {
  Elementwise op;
  std::array<int, 2> from{kMemory, kNone};
  bool keep = true;     ///< somebody reads the result where it belongs
  bool passes = false;  ///< only the links behind it read the result; it is never kept
};
using Links = std::vector<Link>;

/// Sets Link::keep: `needed` answers whether somebody behind the chain reads a place.
void keep_needed(Links& links, const std::function<bool(const Region&)>& needed);

constexpr std::size_t kMostLinks = 6;
constexpr std::size_t kScalars = kMostLinks * 2 * kArray;  ///< numbers that a chain reads, at most

std::optional<Elementwise> elementwise_of(const bound::Operation& op);
const View& result_of(const Elementwise& op);
/// The one or two views that it reads.
std::array<const View*, 2> operands_of(const Elementwise& op);
/// Which operand lies in `place`: 0 or 1, or kNone if it is not just one.
int side_of(const Elementwise& op, const View& place);
/// `op` with all of its operands in memory.
Link link_of(const Elementwise& op);
/// For people: its name and the rows that it writes.
std::string shown(const Elementwise& op);

/// Where a view's elements lie in some columns of its rows.
struct ChainView {
  static constexpr std::size_t kScattered = SIZE_MAX;
  Pieces pieces;
  std::size_t line = kScattered;  ///< byte of core memory where they are a run of floats; of row 0
};
/// Of each link the operands in memory, and the result.
struct ChainPanel {
  std::size_t columns = 0;
  std::vector<std::array<ChainView, 3>> links;
};

/// Rows of so many columns that may be on their way at a time: 8 at most.
unsigned rows_at_once(std::size_t columns);
/// Rows on their way: `rows` from `first` on.
struct Taken {
  const float* sums;     ///< for chains behind a product
  std::size_t step;      ///< from row to row of these
  const float* scalars;  ///< as open() left them
  unsigned first, rows;
};

/// A chain that adds a number to each row of a sum and takes the larger one of that and `least`.
struct Floor {
  float least;
  std::size_t line;  ///< byte of core memory where the columns of row 0 go
};

class Chain {
 public:
  explicit Chain(Links links);

  /// All that is done behind the sums of a panel, if it is so little and goes to rows of floats.
  std::optional<Floor> floor(const ChainPanel& panel) const;
  /// The number that is added to row `first` and the next ones of 8. `own`: room for them.
  const float* biases(const float* scalars, unsigned first,
                      std::array<float, kTileRows>& own) const;

  ChainPanel panel(std::int32_t begin, std::int32_t end) const;
  /// Before the first panel of a run: numbers of the rows [begin, end), kScalars at most.
  void open(const Memory& m, float* scalars, unsigned begin, unsigned end) const;
  void take(const Memory& m, Worker& w, const ChainPanel& panel, const Taken& t) const;

 private:
  struct Step;
  struct Way;
  std::size_t open_gate(const Taken& t, Way& way) const;
  Rows<const float> operand(const Way& way, std::size_t link, std::size_t side) const;

  std::vector<std::shared_ptr<const Step>> steps_;
  std::optional<Gate> gate_;  ///< the first links are one, behind a sum
  bool multiplies_ = false;   ///< the fourth is its end
};

/// A chain in memory as a kernel.
Kernel chain_kernel(const Links& links);

}  // namespace neuron::sim

// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <map>

#include "sim/plan/chain.h"
#include "sim/plan/copies.h"
#include "sim/plan/origin.h"
#include "sim/plan/pieces.h"
#include "sim/plan/region.h"

/// Everything that sums in one place of PSUM, as one matrix product, and what takes the result
/// away.
namespace neuron::sim {

/// Weights as a MATMUL sees them: its rows and columns of what LDWEIGHTS loaded.
struct Weights {
  View view;           ///< the source of LDWEIGHTS, from the first row that takes part
  unsigned rows = 0;   ///< that take part
  unsigned first = 0;  ///< element of the view for the first column; the next is one before
  unsigned columns = 0;
  unsigned pass = 0;      ///< 0: whole numbers, kLow or kHigh: halves of float32
  ConstantRows constant;  ///< where the numbers are, if they never change
  const bound::tensor_scalar* made_by = nullptr;  ///< computes them on the way, where `view` is not
  bool operator==(const Weights& o) const;
};

/// One MATMUL, or the two that are LOW and HIGH of the same.
struct Term {
  Weights weights;
  View moving;
  ConstantRows constant = {};  ///< where `moving` is, if it never changes
  bool high = false;           ///< the HIGH half of moving only
  View to;
  std::shared_ptr<const CopiedView> copied = {};  ///< where else `moving` may be read; may be null
};

/// Where products sum: in `base`, a float32 row for each column of the weights.
struct Sum {
  View base;
  bool accumulate = false;  ///< on what lies there already
  std::vector<Term> terms;
  std::vector<std::int32_t> base_offsets;
};

/// Whether rows of `op` are rows of the weights, in the order of the columns.
bool makes(const bound::tensor_scalar& op, const Weights& w);
/// Column of `sum.base` for each element of `to`; empty when not all have one.
std::vector<std::int32_t> columns_in(const Sum& sum, const View& to);

/// Packed weights that never change, shared by the products that need them.
struct PackedWeights {
  unsigned users = 0;  ///< products
  Floats values;
  /// For each term and block of columns, the rows that hold anything but zeros.
  std::vector<std::pair<std::uint16_t, std::uint16_t>> rows;
  std::vector<std::uint8_t> finite;  ///< for each term, whether all its weights are
  bool sparse = false;               ///< most rows of most blocks are zeros
  /// Of weights that give each row to one column, the same in all terms: the first row of each
  /// column, how far behind it the others are (the first included), and the weights of all of them
  /// in each term. Else empty.
  std::vector<std::uint16_t> row_of, behind;
  std::vector<float> alone;
};
/// A product whose panels are still to be planned, and what its kernel will be.
struct PlannedProduct;
struct Draft {
  std::shared_ptr<PlannedProduct> product;
  Touches touches;
  Links eviction;
  std::size_t kernel;  ///< of the plan; empty so far
  double cost;
};
/// Kernels [begin, end) of the plan, which are no products, and what they touch.
struct Passed {
  std::size_t begin, end;
  Touches touches;
};
struct Packings {
  std::map<std::string, std::shared_ptr<PackedWeights>> constants;
  std::vector<Weights> last;  ///< in Plan::packed, after the kernels so far
  std::vector<Draft> drafts;
  std::vector<Passed> passed;  ///< those close behind products, in order
  /// Notes that kernels [begin, end) are no products.
  void pass(std::size_t begin, std::size_t end, const Touches& touches);
  /// Weights that `region` holds are about to change.
  void forget(const Region& region);
};

/// Leaves room for the kernel of a sum. `eviction` takes it away, on its way out of the tiles.
/// `keep`: somebody may still read it in PSUM. `touches`: all that the sum and its eviction read
/// and write.
void add_product(Plan& plan, Packings& packings, Sum sum, const Links& eviction, bool keep,
                 Touches touches);
/// Makes the kernels of all that was added, by all threads; one that another does too stays empty.
void finish_products(Plan& plan, Packings& packings);

}  // namespace neuron::sim

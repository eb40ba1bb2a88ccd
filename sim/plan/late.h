// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <list>

#include "sim/plan/chain.h"
#include "sim/plan/product.h"
#include "sim/plan/region.h"

/// Elementwise instructions that wait until somebody needs what they write, which is in the host's
/// caches then, and until those that follow have joined them.
namespace neuron::sim {

/// Instructions on the same elements; the first may take away a sum, which waits with it.
struct Waiting {
  std::optional<Sum> sum;
  bool keep_sum = false;  ///< somebody may still read it in PSUM
  Touches product;        ///< what the sum reads and writes
  Links links;
  Kernel alone;          ///< does the first link, as long as nothing waits with it
  Touches touches;       ///< all of it
  std::size_t next = 0;  ///< the event behind the last one of it that is done ahead of its time
};

/// Numbers, one a row, that an instruction reads beside its views.
std::vector<Region> scalars_read(const Elementwise& op);
/// `op` behind the links of a chain: its operands are their results where they are the same
/// elements.
Link link_behind(const Links& links, const Elementwise& op);
/// Whether some rows and columns of all of `links`, behind a sum that touches `product`, give the
/// same as link after link when `link` is one more. `written`: its result is, where it belongs.
bool may_follow(const Links& links, const Touches& product, const Link& link, bool written);

class Late {
 public:
  using Emit = std::function<void(Waiting)>;
  /// `emit` appends kernels to the plan.
  explicit Late(Emit emit) : emit_(std::move(emit)) {}

  const Waiting* add(Waiting w) { return &waiting_.emplace_back(std::move(w)); }
  /// Joins `op`, which touches `touches`, to what it follows; null if it has to wait alone.
  const Waiting* follow(const Elementwise& op, const Touches& touches);
  /// The only instruction that waits to write `place`, and nothing else; null if there is none.
  const bound::tensor_scalar* find(const Region& place) const;
  /// Forgets it, for somebody else does it; tells what it touches.
  Touches drop(const bound::tensor_scalar& op);
  /// Takes it out.
  Waiting take(const Waiting* w);
  /// Emits all that must come before an event that touches `touches`, but for `spared`.
  void settle(const Touches& touches, const Waiting* spared = nullptr);
  void settle_all();

 private:
  Emit emit_;
  std::list<Waiting> waiting_;
};

}  // namespace neuron::sim

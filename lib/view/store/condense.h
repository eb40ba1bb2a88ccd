// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <limits>

#include "view/store.h"

namespace neuron::view {

/// Turns spans in order of their begin into fewer ones: at most one for each bucket of 2^shift
/// picoseconds, and one for a run of buckets that a single thing fills. A bucket takes its colour
/// by majority vote of covered time (Boyer and Moore), so the pyramid needs no tallies.
class Condenser {
 public:
  Condenser(int shift, std::vector<Span>& out) : shift_(shift), out_(out) {}
  void add(Span span);
  void finish();

 private:
  void collect(std::int64_t bucket, std::int64_t covered_ps, const Span& span, std::uint32_t count);
  void emit(const Span& span);
  int shift_;
  std::vector<Span>& out_;
  Span open_;  ///< of the bucket that still fills
  std::int64_t votes_ps_ = 0;
  bool is_open_ = false;
  std::int64_t closed_ps_ =
      std::numeric_limits<std::int64_t>::min();  ///< end of what has been emitted; overlaps are
                                                 ///< clipped to it
};

}  // namespace neuron::view

// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <functional>
#include <queue>
#include <set>
#include <vector>

namespace neuron::view {

/// Gives each interval the lowest row where it overlaps nothing: slices of one row then never
/// cross. Intervals come in order of begin.
class Lanes {
 public:
  /// The row, counted from 0; at most count() before the call, which means a new one.
  std::size_t place(std::int64_t begin, std::int64_t end) {
    while (!busy_.empty() && busy_.top().first <= begin) {
      free_.insert(busy_.top().second);
      busy_.pop();
    }
    std::size_t row = count_;
    if (free_.empty()) {
      ++count_;
    } else {
      row = *free_.begin();
      free_.erase(free_.begin());
    }
    busy_.push({end, row});
    return row;
  }
  std::size_t count() const { return count_; }

 private:
  using Busy = std::pair<std::int64_t, std::size_t>;
  std::priority_queue<Busy, std::vector<Busy>, std::greater<>> busy_;
  std::set<std::size_t> free_;
  std::size_t count_ = 0;
};

}  // namespace neuron::view

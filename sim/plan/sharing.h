// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <cstddef>
#include <vector>

namespace neuron::sim {

/// Which kernels of a plan other threads help with. To call a thread, to wait for it and to fetch
/// what it has written may take longer than what it takes over, by how much differs between hosts.
/// So first it is those that are thought to cost much; then some executions are timed so, some
/// without any help, and some with help where a kernel was faster with it. What was fastest stays.
class Sharing {
 public:
  /// By the nanoseconds that each kernel is thought to cost.
  explicit Sharing(const std::vector<double>& costs);

  bool is_shared(std::size_t kernel) const;
  bool is_timed() const { return execution_ >= kUntimed && execution_ < kUntimed + kWays * kTimes; }
  /// How long a kernel took in an execution that is timed.
  void took(std::size_t kernel, double ns);
  /// An execution has come to its end.
  void next();

 private:
  enum Way : unsigned { kLarge, kAlone, kFaster, kWays };
  static constexpr unsigned kUntimed = 2;  ///< they pack weights, and touch memory first
  static constexpr unsigned kTimes = 5;    ///< in a row for each way, of which the middle counts
  using Times = std::array<double, kTimes>;
  struct Kernel {
    bool is_large, is_faster;       ///< with help
    std::array<Times, kWays> took;  ///< nanoseconds
  };
  unsigned timed() const { return execution_ - kUntimed; }
  Times all_took(Way way) const;

  std::vector<Kernel> kernels_;
  unsigned execution_ = 0;
  Way way_ = kLarge;
};

}  // namespace neuron::sim

// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <functional>
#include <optional>
#include <span>

#include "nrt/collectives/operations.h"

/// What `neuron collectives` does on each rank: one operation in many sizes, checked and timed.
namespace neuron::nrt::cc {

/// Parts that one rank sends and expects, of operations with parts of any size; in elements.
struct Metadata {
  std::vector<std::size_t> send_counts, send_offsets, receive_counts, receive_offsets;
};

struct BenchmarkOptions {
  std::vector<std::uint64_t> sizes;  ///< bytes, as `size(B)` counts them for each operation
  DType type = DType::UInt8;
  std::uint32_t iterations = 20, warm_up = 5;
  bool is_checked = false, is_all_ones = false;
  /// Each measured operation has buffers of its own, none of which is in a cache from the one
  /// before.
  bool has_own_buffers = false, shares_output = false;
  std::optional<std::uint64_t> seed;  ///< of random inputs; without one, rank 0's clock
  std::vector<std::vector<std::uint32_t>> groups;  ///< replica groups; empty: one of all ranks
  Pairs pairs;                                     ///< of permute; empty: around the ring
  std::vector<Metadata> metadata;                  ///< one for all, or one for each rank
};

/// One operation of the table.
struct Benchmark {
  const char* name;        ///< "all_reduce"
  const char* short_name;  ///< "allr"
  bool reduces = false;
  bool has_metadata = false;
  /// Bytes that each rank gives and gets for a size; both whole elements.
  std::uint64_t (*input)(std::uint64_t size, std::uint64_t ranks);
  std::uint64_t (*output)(std::uint64_t size, std::uint64_t ranks);
  /// What algorithm bandwidth is multiplied with.
  double (*bus_factor)(double ranks);
};
std::span<const Benchmark> benchmarks();
/// By long or short name; null when there is none.
const Benchmark* find_benchmark(std::string_view name);

/// A measured size, on rank 0; others get what they contributed.
struct BenchmarkRow {
  std::uint64_t size = 0, count = 0, input = 0, output = 0;  ///< bytes and elements
  std::vector<double> microseconds;  ///< of each iteration, of the rank that took longest
  const char* algorithm = "mesh";    ///< each part goes straight to who needs it
};
/// The numbers of a size, rounded to what the ranks can share in whole elements; no times.
BenchmarkRow row_of(const Benchmark& benchmark, std::uint64_t size, DType type,
                    std::uint64_t ranks);

/// Runs all sizes; `show` is called on rank 0 after each. All ranks take the same options.
Result<> run_benchmark(World& world, const Benchmark& benchmark, BenchmarkOptions options,
                       const std::function<void(const BenchmarkRow&)>& show);

}  // namespace neuron::nrt::cc

// SPDX-License-Identifier: Apache-2.0
#include "nrt/collectives/benchmark.h"

#include <algorithm>
#include <chrono>
#include <ctime>

#include "nrt/collectives/expectation.h"

namespace neuron::nrt::cc {
namespace {

std::uint64_t whole(std::uint64_t size, std::uint64_t) { return size; }
std::uint64_t part(std::uint64_t size, std::uint64_t ranks) { return size / ranks; }
double others(double r) { return (r - 1) / r; }
double one(double) { return 1; }

// As nccom-test is documented to count: the size of all_gather is that of its output, the others'
// sizes are those of their inputs.
constexpr Benchmark kBenchmarks[] = {
    {"all_reduce", "allr", true, false, whole, whole, [](double r) { return 2 * (r - 1) / r; }},
    {"all_gather", "allg", false, false, part, whole, others},
    {"all_gatherv", "allgv", false, true, whole, whole, others},
    {"reduce_scatter", "redsct", true, false, whole, part, others},
    {"alltoall", "alltoall", false, false, whole, whole, others},
    {"alltoallv", "alltoallv", false, true, whole, whole, others},
    {"sendrecv", "sendrecv", false, false, whole, whole, one},
    {"permute", "permute", false, false, whole, whole, one},
};

constexpr std::uint64_t kMostBytes = std::uint64_t{8} << 30;  ///< of a rank's own buffers

/// One rank's part in a benchmark of one size.
class Runner {
 public:
  Runner(World& world, const Benchmark& b, const BenchmarkOptions& o)
      : world_(world), benchmark_(b), options_(o), group_(world.everybody(0)) {}

  Result<> choose_group() {
    if (options_.groups.empty()) return {};
    for (const auto& ranks : options_.groups)
      if (const auto at = std::find(ranks.begin(), ranks.end(), world_.rank()); at != ranks.end()) {
        group_ = {ranks, static_cast<std::uint32_t>(at - ranks.begin()), 0};
        return {};
      }
    return fail(Code::BadUsage, "rank {} is in no replica group", world_.rank());
  }

  Result<BenchmarkRow> run(std::uint64_t size) {
    BenchmarkRow row = row_of(benchmark_, size, options_.type, group_.size());
    TRY(make_buffers(row));
    for (std::size_t i = 0; options_.is_checked && i < in_.size(); ++i) {
      fill_input(in_[i], options_, world_.rank());
      TRY(operate(i));
      TRY(check(row, out_[i % out_.size()]));
    }
    for (std::uint32_t i = 0; i < options_.warm_up; ++i) TRY(operate(i));
    TRY(barrier(world_, world_.everybody(0)));
    TRY(measure(row));
    return row;
  }

 private:
  Result<> make_buffers(const BenchmarkRow& row) {
    const std::size_t ins = options_.has_own_buffers ? options_.iterations : 1;
    const std::size_t outs = options_.shares_output ? 1 : ins;
    const std::uint64_t bytes = ins * row.input + outs * row.output;
    if (bytes > kMostBytes && options_.has_own_buffers)
      return fail(Code::NoResource,
                  "buffers of their own for {} operations of {} bytes take {} MiB of each rank, at "
                  "most {} are given; ask for fewer --iters, smaller sizes or --shared-output-buff",
                  ins, row.size, bytes >> 20, kMostBytes >> 20);
    in_.assign(ins, Bytes(row.input));
    out_.assign(outs, Bytes(row.output));
    return {};
  }

  Result<> operate(std::size_t i) {
    const ByteView in = in_[i % in_.size()];
    const std::span<std::byte> out = out_[i % out_.size()];
    const std::string_view name = benchmark_.name;
    if (name == "all_reduce")
      return all_reduce(world_, group_, in, out, options_.type, Reduction::Add);
    if (name == "reduce_scatter")
      return reduce_scatter(world_, group_, in, out, options_.type, Reduction::Add);
    if (name == "all_gather") return all_gather(world_, group_, in, out);
    if (name == "alltoall") return all_to_all(world_, group_, in, out);
    if (benchmark_.has_metadata) return operate_parts(in, out);
    return permute(world_, group_, pairs_of(options_, group_.size()), in, out);
  }

  Result<> operate_parts(ByteView in, std::span<std::byte> out) {
    Parts sends, receives;
    TRY(parts_of(options_, group_, size_of(options_.type), sends, receives));
    return all_to_all_parts(world_, group_, in, sends, out, receives);
  }

  Result<> check(const BenchmarkRow& row, ByteView out) {
    auto right = check_output(benchmark_, options_, group_, out);
    // Nobody times what is wrong somewhere: all hear of it.
    std::byte is_right{static_cast<unsigned char>(right ? 1 : 0)};
    Bytes all(world_.ranks());
    TRY(all_gather(world_, world_.everybody(0), {&is_right, 1}, all));
    if (!right)
      return std::move(right).error().within(fmt::format("{} of {} bytes (--seed {}): rank {}",
                                                         benchmark_.name, row.size,
                                                         options_.seed.value_or(0), world_.rank()));
    const auto wrong = std::find(all.begin(), all.end(), std::byte{0});
    if (wrong == all.end()) return {};
    return fail(Code::Mismatch, "{} of {} bytes: rank {} has wrong results", benchmark_.name,
                row.size, wrong - all.begin());
  }

  Result<> measure(BenchmarkRow& row) {
    using Clock = std::chrono::steady_clock;
    std::vector<double> own(options_.iterations);
    for (std::size_t i = 0; i < own.size(); ++i) {
      const auto begin = Clock::now();
      TRY(operate(i));
      own[i] = std::chrono::duration<double, std::micro>(Clock::now() - begin).count();
    }
    std::vector<double> all(own.size() * world_.ranks());
    TRY(all_gather(world_, world_.everybody(0), std::as_bytes(std::span(own)),
                   std::as_writable_bytes(std::span(all))));
    row.microseconds = std::move(own);
    for (std::size_t i = 0; i < all.size(); ++i) {
      double& longest = row.microseconds[i % row.microseconds.size()];
      longest = std::max(longest, all[i]);
    }
    return {};
  }

  World& world_;
  const Benchmark& benchmark_;
  const BenchmarkOptions& options_;
  Group group_;
  std::vector<Bytes> in_, out_;  ///< taken in turn
};

/// Another one each time, the same on all ranks.
Result<std::uint64_t> common_seed(World& world) {
  const auto own = static_cast<std::uint64_t>(std::time(nullptr));
  std::vector<std::uint64_t> all(world.ranks());
  TRY(all_gather(world, world.everybody(0), std::as_bytes(std::span(&own, 1)),
                 std::as_writable_bytes(std::span(all))));
  return all[0];
}

}  // namespace

std::span<const Benchmark> benchmarks() { return kBenchmarks; }

const Benchmark* find_benchmark(std::string_view name) {
  for (const Benchmark& b : kBenchmarks)
    if (name == b.name || name == b.short_name) return &b;
  return nullptr;
}

BenchmarkRow row_of(const Benchmark& benchmark, std::uint64_t size, DType type,
                    std::uint64_t ranks) {
  const bool is_split = benchmark.input(ranks, ranks) != ranks ||
                        benchmark.output(ranks, ranks) != ranks ||
                        std::string_view(benchmark.name) == "alltoall";
  const std::uint64_t unit = size_of(type) * (is_split ? ranks : 1);
  BenchmarkRow row;
  row.size = std::max(size / unit, std::uint64_t{1}) * unit;
  row.count = row.size / size_of(type);
  row.input = benchmark.input(row.size, ranks);
  row.output = benchmark.output(row.size, ranks);
  return row;
}

Result<> run_benchmark(World& world, const Benchmark& benchmark, BenchmarkOptions options,
                       const std::function<void(const BenchmarkRow&)>& show) {
  if (!options.seed) options.seed = TRY(common_seed(world));
  Runner runner(world, benchmark, options);
  TRY(runner.choose_group());
  for (const std::uint64_t size : options.sizes) {
    const BenchmarkRow row = TRY(runner.run(size));
    if (world.rank() == 0) show(row);
  }
  return barrier(world, world.everybody(0));
}

}  // namespace neuron::nrt::cc

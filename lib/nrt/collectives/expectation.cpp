// SPDX-License-Identifier: Apache-2.0
#include "nrt/collectives/expectation.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "base/numbers.h"

namespace neuron::nrt::cc {
namespace {

constexpr bool is_float(DType type) {
  return type == DType::Float32 || type == DType::BFloat16 || type == DType::Float16 ||
         type == DType::Fp8E3 || type == DType::Fp8E4 || type == DType::Fp8E5;
}

/// Largest relative error of one rounding to a type; 0 for whole numbers.
double rounding_of(DType type) {
  switch (type) {
    case DType::Fp8E5:
      return 0.25;
    case DType::Fp8E4:
      return 0.125;
    case DType::Fp8E3:
      return 0.0625;
    case DType::BFloat16:
      return 1.0 / 256;
    case DType::Float16:
      return 1.0 / 2048;
    default:
      return is_float(type) ? 1e-6 : 0;
  }
}

constexpr std::size_t kBlock = 4096;  ///< elements that are computed and compared at a time

/// The value of an element before it is rounded to its type.
float value_at(std::uint64_t seed, bool is_whole, std::uint64_t rank, std::uint64_t index) {
  std::uint64_t x = seed + rank * 0x9e3779b97f4a7c15u + index * 0xbf58476d1ce4e5b9u;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;  // splitmix64
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
  x ^= x >> 31;
  if (is_whole) return static_cast<float>(x % 101);
  return static_cast<float>(x >> 40) * 0x1p-23f - 1;
}

void values_of(const BenchmarkOptions& o, std::uint64_t rank, std::uint64_t from,
               std::span<float> values) {
  if (o.is_all_ones) return std::fill(values.begin(), values.end(), 1.0f);
  const bool is_whole = !is_float(o.type);
  const std::uint64_t seed = o.seed.value_or(0);
  for (std::size_t i = 0; i < values.size(); ++i)
    values[i] = value_at(seed, is_whole, rank, from + i);
}

/// What some elements of an output must be, and what they are.
class Checker {
 public:
  explicit Checker(const BenchmarkOptions& o) : o_(o), bytes_(size_of(o.type)) {}

  /// `output` is the sum of what `ranks` give from element `from` on; nothing of them is zero. It
  /// is part of something bigger, where it begins at element `at`.
  Result<> expect(ByteView output, std::size_t at, std::span<const std::uint32_t> ranks,
                  std::size_t from) {
    for (std::size_t i = 0, all = output.size() / bytes_; i < all; i += kBlock) {
      const std::size_t count = std::min(kBlock, all - i);
      add_up(ranks, from + i, count);
      const ByteView block = output.subspan(i * bytes_, count * bytes_);
      TRY(is_float(o_.type) ? compare_floats(block, at + i, ranks.size() > 1)
                            : compare_wholes(block, at + i));
    }
    return {};
  }

 private:
  void add_up(std::span<const std::uint32_t> ranks, std::size_t from, std::size_t count) {
    sums_.assign(count, 0);
    magnitudes_.assign(count, 0);
    values_.resize(count);
    stored_.resize(count * bytes_);
    for (const std::uint32_t rank : ranks) {
      values_of(o_, rank, from, values_);
      if (is_float(o_.type)) {
        from_floats(values_, o_.type, stored_);
        to_floats(stored_, o_.type, values_);
      }
      for (std::size_t i = 0; i < count; ++i) {
        sums_[i] += values_[i];
        magnitudes_[i] += std::abs(values_[i]);
      }
    }
  }

  /// Copies are exact, sums are rounded.
  Result<> compare_floats(ByteView block, std::size_t at, bool is_rounded) {
    to_floats(block, o_.type, values_);
    const double rounding = is_rounded ? rounding_of(o_.type) : 0;
    for (std::size_t i = 0; i < values_.size(); ++i)
      if (!(std::abs(values_[i] - sums_[i]) <= rounding * magnitudes_[i]))
        return fail(Code::Mismatch, "element {} is {}, expected {}", at + i, values_[i], sums_[i]);
    return {};
  }

  /// They wrap.
  Result<> compare_wholes(ByteView block, std::size_t at) {
    const std::uint64_t mask = ~std::uint64_t{0} >> (64 - 8 * bytes_);
    for (std::size_t i = 0; i < sums_.size(); ++i) {
      std::uint64_t found = 0;
      std::memcpy(&found, block.data() + i * bytes_, bytes_);
      const auto expected = static_cast<std::uint64_t>(sums_[i]) & mask;
      if (found != expected)
        return fail(Code::Mismatch, "element {} is {}, expected {}", at + i, found, expected);
    }
    return {};
  }

  const BenchmarkOptions& o_;
  const std::size_t bytes_;
  std::vector<double> sums_, magnitudes_;
  std::vector<float> values_;
  Bytes stored_;
};

/// Elements [to, to + count) of the output are those of a rank's input from `from` on.
Result<> expect_copy(const BenchmarkOptions& o, ByteView output, std::size_t to, std::size_t count,
                     std::uint32_t rank, std::size_t from) {
  const std::size_t bytes = size_of(o.type);
  return Checker(o).expect(output.subspan(to * bytes, count * bytes), to, {&rank, 1}, from);
}

const Metadata& metadata_of(const BenchmarkOptions& o, std::uint32_t member) {
  return o.metadata.size() == 1 ? o.metadata[0] : o.metadata[member];
}

/// all_gatherv gives the same part to everybody.
std::size_t at(const std::vector<std::size_t>& list, std::uint32_t member) {
  return list.size() == 1 ? list[0] : list[member];
}

Result<> expect_parts(const BenchmarkOptions& o, const Group& group, ByteView output) {
  const Metadata& own = metadata_of(o, group.index);
  for (std::uint32_t i = 0; i < group.size(); ++i)
    TRY(expect_copy(o, output, own.receive_offsets[i], own.receive_counts[i], group.ranks[i],
                    at(metadata_of(o, i).send_offsets, group.index)));
  return {};
}

}  // namespace

void fill_input(std::span<std::byte> bytes, const BenchmarkOptions& o, std::uint32_t rank) {
  const std::size_t element = size_of(o.type), all = bytes.size() / element;
  std::vector<float> values;
  for (std::size_t i = 0; i < all; i += kBlock) {
    values.resize(std::min(kBlock, all - i));
    values_of(o, rank, i, values);
    from_floats(values, o.type, bytes.subspan(i * element, values.size() * element));
  }
}

Pairs pairs_of(const BenchmarkOptions& o, std::uint32_t members) {
  if (!o.pairs.empty()) return o.pairs;
  Pairs pairs;
  for (std::uint32_t i = 0; i < members; ++i) pairs.emplace_back(i, (i + 1) % members);
  return pairs;
}

Result<> parts_of(const BenchmarkOptions& o, const Group& group, std::size_t element, Parts& sends,
                  Parts& receives) {
  if (o.metadata.size() != 1 && o.metadata.size() != group.size())
    return fail(Code::BadUsage, "metadata of {} ranks, expected 1 or {}", o.metadata.size(),
                group.size());
  const Metadata& m = metadata_of(o, group.index);
  for (const auto* list : {&m.send_counts, &m.send_offsets})
    if (list->size() != 1 && list->size() != group.size())
      return fail(Code::BadUsage, "metadata: {} parts to send, expected 1 or {}", list->size(),
                  group.size());
  for (const auto* list : {&m.receive_counts, &m.receive_offsets})
    if (list->size() != group.size())
      return fail(Code::BadUsage, "metadata: {} parts to receive, expected {}", list->size(),
                  group.size());
  for (std::uint32_t i = 0; i < group.size(); ++i) {
    sends.sizes.push_back(at(m.send_counts, i) * element);
    sends.offsets.push_back(at(m.send_offsets, i) * element);
    receives.sizes.push_back(m.receive_counts[i] * element);
    receives.offsets.push_back(m.receive_offsets[i] * element);
  }
  return {};
}

Result<> check_output(const Benchmark& benchmark, const BenchmarkOptions& o, const Group& group,
                      ByteView output) {
  const std::string_view name = benchmark.name;
  const std::size_t count = output.size() / size_of(o.type), part = count / group.size();
  if (name == "all_reduce") return Checker(o).expect(output, 0, group.ranks, 0);
  if (name == "reduce_scatter")
    return Checker(o).expect(output, 0, group.ranks, group.index * count);
  if (benchmark.has_metadata) return expect_parts(o, group, output);
  if (name == "all_gather" || name == "alltoall") {
    for (std::uint32_t i = 0; i < group.size(); ++i)
      TRY(expect_copy(o, output, i * part, part, group.ranks[i],
                      name == "alltoall" ? group.index * part : 0));
    return {};
  }
  for (const auto& [from, to] : pairs_of(o, group.size()))
    if (to == group.index) return expect_copy(o, output, 0, count, group.ranks[from], 0);
  return Checker(o).expect(output, 0, {}, 0);
}

}  // namespace neuron::nrt::cc

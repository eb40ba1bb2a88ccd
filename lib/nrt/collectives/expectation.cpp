// SPDX-License-Identifier: Apache-2.0
#include "nrt/collectives/expectation.h"

#include <cmath>

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

/// The value of an element before it is rounded to its type.
float value_at(const BenchmarkOptions& o, std::uint64_t rank, std::uint64_t index) {
  if (o.is_all_ones) return 1;
  std::uint64_t x = o.seed + rank * 0x9e3779b97f4a7c15u + index * 0xbf58476d1ce4e5b9u;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;  // splitmix64
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
  x ^= x >> 31;
  if (!is_float(o.type)) return static_cast<float>(x % 101);
  return static_cast<float>(x >> 40) * 0x1p-23f - 1;
}

/// The same as the type holds it.
double stored_at(const BenchmarkOptions& o, std::uint64_t rank, std::uint64_t index) {
  std::byte bytes[8]{};
  store_float(bytes, 0, o.type, value_at(o, rank, index));
  return load_as_float(bytes, 0, o.type);
}

Result<> compare(const BenchmarkOptions& o, ByteView output, std::size_t index, double expected,
                 double magnitude) {
  const double found = load_as_float(output, index, o.type);
  bool is_right = std::abs(found - expected) <= rounding_of(o.type) * magnitude;
  if (!is_float(o.type)) {  // whole numbers wrap
    const double range = std::pow(2.0, 8.0 * static_cast<double>(size_of(o.type)));
    is_right = std::fmod(std::abs(found - expected), range) == 0;
  }
  if (is_right) return {};
  return fail(Code::Mismatch, "element {} is {}, expected {}", index, found, expected);
}

/// Elements [to, to + count) of the output are those of a rank's input from `from` on.
Result<> expect_copy(const BenchmarkOptions& o, ByteView output, std::size_t to, std::size_t count,
                     std::uint32_t rank, std::size_t from) {
  for (std::size_t i = 0; i < count; ++i) {
    const double expected = stored_at(o, rank, from + i);
    TRY(compare(o, output, to + i, expected, 0));
  }
  return {};
}

/// The output is the sum of all inputs, from an element on.
Result<> expect_sum(const BenchmarkOptions& o, const Group& group, ByteView output,
                    std::size_t from) {
  for (std::size_t i = 0; i < output.size() / size_of(o.type); ++i) {
    double sum = 0, magnitude = 0;
    for (const std::uint32_t rank : group.ranks) {
      const double value = stored_at(o, rank, from + i);
      sum += value;
      magnitude += std::abs(value);
    }
    TRY(compare(o, output, i, sum, magnitude));
  }
  return {};
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
  for (std::size_t i = 0; i < bytes.size() / size_of(o.type); ++i)
    store_float(bytes, i, o.type, value_at(o, rank, i));
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
  if (name == "all_reduce") return expect_sum(o, group, output, 0);
  if (name == "reduce_scatter") return expect_sum(o, group, output, group.index * count);
  if (benchmark.has_metadata) return expect_parts(o, group, output);
  if (name == "all_gather" || name == "alltoall") {
    for (std::uint32_t i = 0; i < group.size(); ++i)
      TRY(expect_copy(o, output, i * part, part, group.ranks[i],
                      name == "alltoall" ? group.index * part : 0));
    return {};
  }
  for (const auto& [from, to] : pairs_of(o, group.size()))
    if (to == group.index) return expect_copy(o, output, 0, count, group.ranks[from], 0);
  for (std::size_t i = 0; i < count; ++i) TRY(compare(o, output, i, 0, 0));
  return {};
}

}  // namespace neuron::nrt::cc

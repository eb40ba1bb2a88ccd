// SPDX-License-Identifier: Apache-2.0
// Rows of a table by indices that are only known at run time: comparing the indices with the row
// numbers gives a matrix of zeros and ones, whose product with the table is the rows, exactly.
#include <algorithm>
#include <numeric>

#include "compile/ops/tiles.h"

namespace neuron::compile {
namespace {

constexpr std::int64_t kSide = isa::kPartitions;
constexpr std::int64_t kColumns = isa::kPsumBankBytes / kWord;

class Lookup {
 public:
  Lookup(Lowering& in, Place table, std::int64_t rows, std::int64_t width, Place indices,
         DType type, Place out)
      : in_(in),
        k_(in.kernel),
        table_(table),
        rows_(rows),
        width_(width),
        indices_(indices),
        type_(type),
        out_(out) {}

  Result<> run(std::int64_t count) {
    std::vector<float> numbers(kSide);
    std::iota(numbers.begin(), numbers.end(), 0.0f);
    numbers_ = TRY(in_.scalars(numbers));
    for (std::int64_t at = 0; at < count; at += kSide)
      for (std::int64_t column = 0; column < width_; column += kColumns)
        TRY(block(at, std::min(kSide, count - at), column, std::min(kColumns, width_ - column)));
    return {};
  }

 private:
  /// Indices [at, at + count) as float32 in every partition; negative ones count from the end.
  Result<Tile> spread(std::int64_t at, std::int64_t count) {
    const auto size = static_cast<std::int64_t>(size_of(type_));
    const Tile raw = TRY(in_.tile(count * size));
    const Tile index = TRY(in_.tile(count * kWord)), wrap = TRY(in_.tile(count * kWord));
    k_.load({row_load({indices_.variable, indices_.offset + at * size}, 0, address_of(raw), kSide,
                      count * size)});
    View source = line(address_of(raw), kSide, count);
    source.type = type_;
    const View x = line(address_of(index), kSide, count), w = line(address_of(wrap), kSide, count);
    k_.copy(Engine::Vector, x, source);
    k_.tensor_scalar(Engine::Vector, w, x, Alu::IsLess, 0, Alu::Mult, static_cast<float>(rows_));
    k_.tensor_tensor(Engine::Vector, x, x, Alu::Add, w);
    return index;
  }

  Result<> block(std::int64_t at, std::int64_t count, std::int64_t column, std::int64_t columns) {
    const Tile index = TRY(spread(at, count));
    const View x = line(address_of(index), kSide, count);
    const std::uint32_t bank = k_.bank();
    const int lines = static_cast<int>(count);
    const View sum = line(bank, lines, columns);
    for (std::int64_t r = 0; r < rows_; r += kSide) {
      const int height = static_cast<int>(std::min(kSide, rows_ - r));
      const Tile part = TRY(in_.tile(columns * kWord)), ones = TRY(in_.tile(count * kWord));
      const Place from{table_.variable, table_.offset + (r * width_ + column) * kWord};
      k_.load({row_load(from, width_ * kWord, address_of(part), height, columns * kWord)});
      if (r > 0) k_.tensor_scalar(Engine::Vector, x, x, Alu::Add, -static_cast<float>(kSide));
      const View hits = line(address_of(ones), height, count);
      k_.tensor_pointer(Engine::Vector, hits, line(address_of(index), height, count), Alu::IsEqual,
                        numbers_);
      // Zeros and ones have no low part: one pass is exact.
      k_.ldweights(hits, Pass::High);
      k_.matmul(sum, line(address_of(part), height, columns), Pass::High, r == 0,
                r + kSide >= rows_, lines);
    }
    const Tile staging = TRY(in_.tile(columns * kWord));
    k_.copy(k_.lighter(columns), line(address_of(staging), lines, columns), sum);
    k_.store(
        {row_store(address_of(staging), lines, columns * kWord,
                   {out_.variable, out_.offset + (at * width_ + column) * kWord}, width_ * kWord)});
    return {};
  }

  Lowering& in_;
  Kernel& k_;
  Place table_;
  std::int64_t rows_, width_;
  Place indices_;
  DType type_;
  Place out_;
  std::uint32_t numbers_ = 0;
};

}  // namespace

Result<> lower_picked_gather(Lowering& in, const Node& node);  // indexed.cpp

Result<> lower_computed_gather(Lowering& in, const Node& node) {
  const Value& x = input_of(in.graph, node, 0);
  const Value& index = input_of(in.graph, node, 1);
  const DType type = engine_type(index.type);
  if (int_of(node, "axis", 0) != 0 || x.type != DType::Float32 || type == DType::Unknown ||
      x.shape.empty() || x.shape[0] >= 1 << 24)
    return lower_picked_gather(in, node);
  const Place table = TRY(in.device(*node.inputs[0])), indices = TRY(in.device(*node.inputs[1]));
  const Place out = in.define_device(node.outputs[0]);
  const std::int64_t width = count_of(x.shape) / std::max<std::int64_t>(1, x.shape[0]);
  return Lookup(in, table, x.shape[0], width, indices, type, out).run(count_of(index.shape));
}

}  // namespace neuron::compile

// SPDX-License-Identifier: Apache-2.0
// Rows of a table by indices that are only known at run time: comparing the indices with the row
// numbers gives a matrix of zeros and ones, whose product with the table is the rows, exactly. Of
// large tables, DMA reads the rows.
#include <algorithm>
#include <limits>

#include "compile/ops/multiply.h"
#include "compile/ops/tiles.h"

namespace neuron::compile {
namespace {

constexpr std::int64_t kSide = isa::kPartitions;
constexpr std::int64_t kColumns = isa::kPsumBankBytes / kWord;

constexpr std::int64_t kEach = 4;   // rows that a partition reads in one run
constexpr std::int64_t kBanks = 4;  // that a row's columns take at a time

class Lookup {
 public:
  Lookup(Lowering& in, Matrix table, Place indices, DType type, Place out)
      : in_(in),
        k_(in.kernel),
        table_(table),
        rows_(table.rows),
        width_(table.columns),
        word_(static_cast<std::int64_t>(size_of(table.type))),
        indices_(indices),
        type_(type),
        out_(out) {}

  Result<> run(std::int64_t count) {
    TRY(count_rows(1));
    TRY(count_rows(kEach));
    constexpr std::int64_t kMost = kBanks * kColumns;
    for (std::int64_t at = 0; at < count; at += kSide)
      for (std::int64_t column = 0; column < width_; column += kMost)
        TRY(block(at, std::min(kSide, count - at), column, std::min(kMost, width_ - column)));
    return {};
  }

 private:
  /// What takes an index to 0 where a partition's first of `each` rows is meant.
  Result<> count_rows(std::int64_t each) {
    std::vector<float> numbers;
    for (std::int64_t p = 0; p < kSide; ++p) numbers.push_back(static_cast<float>(-p * each));
    auto& to = each == 1 ? single_ : several_;
    to = TRY(in_.scalars(numbers));
    return {};
  }

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

  View typed(std::uint32_t address, int partitions, std::int64_t count) const {
    View v = line(address, partitions, count);
    v.type = table_.type;
    return v;
  }

  /// Columns [column, column + columns) of what indices [at, at + count) name.
  Result<> block(std::int64_t at, std::int64_t count, std::int64_t column, std::int64_t columns) {
    const Tile index = TRY(spread(at, count));
    std::vector<View> sums;
    const int lines = static_cast<int>(count);
    for (std::int64_t c = 0; c < columns; c += kColumns)
      sums.push_back(line(k_.bank(), lines, std::min(kColumns, columns - c)));
    for (std::int64_t r = 0; r < rows_;) {
      const std::int64_t each = rows_ - r >= kEach * kSide ? kEach : 1;
      const int height = static_cast<int>(std::min(kSide, rows_ - r));
      const Tile part = TRY(load(r, each, height, column, columns));
      for (std::int64_t j = 0; j < each; ++j)
        TRY(add(address_of(index), count, each, r + j, height,
                address_of(part) + static_cast<std::uint32_t>(j * columns * word_), sums));
      r += each * kSide;
    }
    const Tile staging = TRY(in_.tile(columns * kWord));
    std::uint32_t to = address_of(staging);
    for (const View& sum : sums) {
      const auto width = static_cast<std::int64_t>(sum.at.count());
      k_.copy(k_.lighter(width), line(to, lines, width), sum);
      to += static_cast<std::uint32_t>(width * kWord);
    }
    k_.store(
        {row_store(address_of(staging), lines, columns * kWord,
                   {out_.variable, out_.offset + (at * width_ + column) * kWord}, width_ * kWord)});
    return {};
  }

  /// Rows r + p * each, ... of the table in partition p.
  Result<Tile> load(std::int64_t r, std::int64_t each, int height, std::int64_t column,
                    std::int64_t columns) {
    const Tile part = TRY(in_.tile(each * columns * word_));
    const Place from{table_.place.variable, table_.place.offset + (r * width_ + column) * word_};
    const std::int64_t row = width_ * word_, bytes = columns * word_;
    if (columns == width_)
      k_.load({row_load(from, each * row, address_of(part), height, each * row)});
    else
      k_.load({{from,
                {kLocal, address_of(part)},
                bytes,
                {{each, row, bytes}, {height, each * row, isa::kPartitionStride}}}});
    return part;
  }

  /// Adds the rows `first`, first + each, ... that partitions hold at `part`, where they are named.
  Result<> add(std::uint32_t index, std::int64_t count, std::int64_t each, std::int64_t first,
               int height, std::uint32_t part, const std::vector<View>& sums) {
    const Tile ones = TRY(in_.tile(count * word_));
    const View hits = typed(address_of(ones), height, count);
    k_.tensor_pointer(Engine::Vector, hits, line(index, height, count), Alu::Add,
                      each == 1 ? single_ : several_, Alu::IsEqual, static_cast<float>(first));
    // Zeros and ones have no low part: one pass is exact.
    const Pass pass = table_.type == DType::Float32 ? Pass::High : Pass::Exact;
    k_.ldweights(hits, pass);
    const bool last = first + (height - 1) * each + 1 >= rows_;
    for (const View& sum : sums) {
      const auto width = static_cast<std::int64_t>(sum.at.count());
      k_.matmul(sum, typed(part, height, width), pass, first == 0, last, static_cast<int>(count));
      part += static_cast<std::uint32_t>(width * word_);
    }
    return {};
  }

  Lowering& in_;
  Kernel& k_;
  Matrix table_;
  std::int64_t rows_, width_, word_;
  Place indices_;
  DType type_;
  Place out_;
  std::uint32_t single_ = 0, several_ = 0;
};

/// The table, rounded when all that stays on chip is.
Result<Matrix> table_of(Lowering& in, ValueId id, std::int64_t rows, std::int64_t width) {
  const std::vector<float> data = in.precision.keeps ? in.floats(id) : std::vector<float>{};
  if (data.empty()) {
    const Place place = TRY(in.device(id));
    return Matrix{place, rows, width};
  }
  const DType type = in.precision.operands;
  return Matrix{{in.constant("table", {rows, width}, data, type)}, rows, width, false, type};
}

constexpr std::int64_t kLargeTable = 1 << 20;  // bytes; a smaller one is as quick to walk through

/// Rows of a large table, each by a descriptor of its own that the index addresses: nothing else of
/// the table is read.
class RowFinder {
 public:
  RowFinder(Lowering& in, const Node& node, const Matrix& table, DType type, Place indices)
      : in_(in), k_(in.kernel), node_(node), table_(table), type_(type), indices_(indices) {}

  static bool suits(const Matrix& table) {
    const std::int64_t row = table.columns * static_cast<std::int64_t>(size_of(table.type));
    return row <= std::numeric_limits<std::uint16_t>::max() && table.rows * row >= kLargeTable;
  }

  Result<> run(const Shape& shape) {
    const std::int64_t count = count_of(shape) / table_.columns;
    const auto rows = TRY(in_.make_rows(shape));
    const bool stay = rows && (rows->form.blocks == 1 || rows->form.rows == kSide);
    const Place out = stay ? Place{} : in_.define_device(node_.outputs[0]);
    const std::int64_t bytes = table_.columns * kWord;
    for (std::int64_t at = 0; at < count; at += kSide) {
      const int lines = static_cast<int>(std::min(kSide, count - at));
      Tile staging;
      if (!stay) staging = TRY(in_.tile(bytes));
      const std::uint32_t to =
          stay ? rows->address(static_cast<std::size_t>(at / kSide)) : address_of(staging);
      TRY(block(at, lines, to));
      if (!stay)
        k_.store({row_store(to, lines, bytes, {out.variable, out.offset + at * bytes}, bytes)});
    }
    if (stay) in_.define_rows(node_.outputs[0], *rows);
    return {};
  }

 private:
  /// What indices [at, at + lines) name, as float32.
  Result<> block(std::int64_t at, int lines, std::uint32_t to) {
    const Tile index = TRY(indices(at, lines));
    View number = line(address_of(index), lines, 1);
    number.type = DType::UInt32;
    const std::int64_t bytes = table_.columns * static_cast<std::int64_t>(size_of(table_.type));
    if (table_.type == DType::Float32) {
      k_.load_rows(table_.place, table_.rows, bytes, to, number);
      return {};
    }
    const Tile narrow = TRY(in_.tile(bytes));
    k_.load_rows(table_.place, table_.rows, bytes, address_of(narrow), number);
    View source = line(address_of(narrow), lines, table_.columns);
    source.type = table_.type;
    k_.copy(k_.lighter(table_.columns), line(to, lines, table_.columns), source);
    return {};
  }

  /// One index a partition, as a whole number; negative ones count from the end.
  Result<Tile> indices(std::int64_t at, int lines) {
    const auto size = static_cast<std::int64_t>(size_of(type_));
    const Tile raw = TRY(in_.tile(size)), index = TRY(in_.tile(3 * kWord));
    k_.load({row_load({indices_.variable, indices_.offset + at * size}, size, address_of(raw),
                      lines, size)});
    View source = line(address_of(raw), lines, 1);
    source.type = type_;
    const auto word = [&](int i) {
      return line(static_cast<std::uint32_t>(address_of(index) + i * kWord), lines, 1);
    };
    const View x = word(1), wrap = word(2);
    View number = word(0);
    number.type = DType::UInt32;
    k_.copy(Engine::Vector, x, source);
    k_.tensor_scalar(Engine::Vector, wrap, x, Alu::IsLess, 0, Alu::Mult,
                     static_cast<float>(table_.rows));
    k_.tensor_tensor(Engine::Vector, number, x, Alu::Add, wrap);
    return index;
  }

  Lowering& in_;
  Kernel& k_;
  const Node& node_;
  Matrix table_;
  DType type_;
  Place indices_;
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
  const Place indices = TRY(in.device(*node.inputs[1]));
  const std::int64_t width = count_of(x.shape) / std::max<std::int64_t>(1, x.shape[0]);
  const Matrix table = TRY(table_of(in, *node.inputs[0], x.shape[0], width));
  if (RowFinder::suits(table))
    return RowFinder(in, node, table, type, indices).run(output_of(in.graph, node).shape);
  const Place out = in.define_device(node.outputs[0]);
  return Lookup(in, table, indices, type, out).run(count_of(index.shape));
}

}  // namespace neuron::compile

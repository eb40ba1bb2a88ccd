// SPDX-License-Identifier: Apache-2.0
// Matrix products: rows of A, transposed, stand still in the tensor engine; rows of B stream by.
// Both need the summed dimension on partitions: A is transposed by the tensor engine itself.
#include <algorithm>

#include "compile/ops/spatial.h"

namespace neuron::compile {
namespace {

constexpr std::int64_t kColumns = isa::kPsumBankBytes / kWord;
constexpr std::int64_t kSide = isa::kPartitions;
constexpr std::int64_t kStationaryBytes = 48 * 1024;
constexpr std::int64_t kBlocks = 4;  // of 128 rows that sum at once, a bank each

/// A matrix in HBM, [rows, columns], or the transpose of one that lies there.
struct Matrix {
  Place place;
  std::int64_t rows = 0, columns = 0;
  bool transposed = false;
};

struct Product {
  Matrix a, b;  ///< [m, k] and [k, n]
  Place out;
  std::optional<Place> bias;
  std::int64_t bias_row = 0, bias_column = 0;  ///< its steps in elements
  Finish finish;
  std::optional<Feature> a_on_chip;  ///< [m, k, 1]: k is on partitions already
};

class Multiply {
 public:
  Multiply(Lowering& in, const Product& p)
      : in_(in), k_(in.kernel), p_(p), m_(p.a.rows), sum_(p.a.columns), n_(p.b.columns) {}

  Result<> run() {
    const std::size_t slots = static_cast<std::size_t>((sum_ + kSide - 1) / kSide);
    const std::int64_t width = std::min(n_, kColumns);
    const auto share = static_cast<std::size_t>(kStationaryBytes / (width * kWord));
    const std::size_t part = std::clamp<std::size_t>(share, 1, std::max<std::size_t>(1, slots));
    const auto fits = kStationaryBytes / (static_cast<std::int64_t>(slots + 1) * kWord);
    const std::int64_t most = std::clamp(fits / kSide * kSide, kSide, kBlocks * kSide);
    for (std::int64_t m = 0; m < m_; m += most) {
      const std::int64_t rows = std::min(most, m_ - m);
      const Slab a = TRY(stationary(m, rows, slots));
      for (std::int64_t n = 0; n < n_; n += width)
        TRY(columns(a, m, rows, n, std::min(width, n_ - n), part));
    }
    k_.macs += static_cast<std::uint64_t>(m_ * sum_ * n_);
    return {};
  }

 private:
  /// [k, columns] on chip: k in slots of 128 partitions.
  struct Slab {
    std::vector<Tile> tiles;
    std::vector<std::uint32_t> slots;
    std::size_t first = 0;  ///< of all slots of the matrix
  };
  int height(std::size_t slot) const {
    return static_cast<int>(
        std::min<std::int64_t>(kSide, sum_ - static_cast<std::int64_t>(slot) * kSide));
  }

  Result<Slab> stationary(std::int64_t m, std::int64_t rows, std::size_t slots) {
    if (p_.a_on_chip) {
      Slab s;
      for (const Piece& p : p_.a_on_chip->pieces) {
        s.tiles.push_back(p.tile);
        s.slots.push_back(p.address + static_cast<std::uint32_t>(m * kWord));
      }
      return s;
    }
    Matrix at = p_.a;
    std::swap(at.rows, at.columns);
    at.transposed = !at.transposed;
    return slab(at, m, rows, 0, slots);
  }

  /// Columns [from, from + count) of slots [first, last) of a [k, ...] matrix, k on partitions.
  Result<Slab> slab(const Matrix& m, std::int64_t from, std::int64_t count, std::size_t first,
                    std::size_t last) {
    Slab s;
    s.first = first;
    const auto slots = static_cast<std::int64_t>(last - first);
    auto tile = TRY(in_.tile(slots * count * kWord));
    s.tiles.push_back(tile);
    for (std::int64_t at = 0; at < slots; ++at)
      s.slots.push_back(static_cast<std::uint32_t>(address_of(s.tiles[0]) + at * count * kWord));
    if (m.transposed && count > 4) {
      TRY(turn(m, from, count, s));
      return s;
    }
    std::vector<Move> moves;
    for (std::size_t i = 0; i < s.slots.size(); ++i) {
      const std::int64_t k = static_cast<std::int64_t>(s.first + i) * kSide;
      const int lines = height(s.first + i);
      Place place = m.place;
      if (m.transposed) {  // a few columns: element by element
        place.offset += (from * sum_ + k) * kWord;
        moves.push_back({place,
                         {kLocal, s.slots[i]},
                         kWord,
                         {{count, sum_ * kWord, kWord}, {lines, kWord, isa::kPartitionStride}}});
      } else {
        place.offset += (k * m.columns + from) * kWord;
        moves.push_back(row_load(place, m.columns * kWord, s.slots[i], lines, count * kWord));
      }
    }
    k_.load(std::move(moves));
    return s;
  }

  /// Fills a slab from rows of [columns, k] through the tensor engine.
  Result<> turn(const Matrix& m, std::int64_t from, std::int64_t count, const Slab& s) {
    const std::uint32_t identity = TRY(in_.identity());
    const std::int64_t begin = static_cast<std::int64_t>(s.first) * kSide;
    const std::int64_t length =
        std::min(sum_ - begin, static_cast<std::int64_t>(s.slots.size()) * kSide);
    for (std::int64_t c = 0; c < count; c += kSide) {
      const int rows = static_cast<int>(std::min(kSide, count - c));
      const Tile flat = TRY(in_.tile(length * kWord));
      Place place = m.place;
      place.offset += ((from + c) * sum_ + begin) * kWord;
      k_.load({row_load(place, sum_ * kWord, address_of(flat), rows, length * kWord)});
      for (std::size_t i = 0; i < s.slots.size(); ++i) {
        const int lines = height(s.first + i);
        const auto at = static_cast<std::uint32_t>(address_of(flat) +
                                                   static_cast<std::int64_t>(i) * kSide * kWord);
        const std::uint32_t bank = k_.bank();
        k_.ldweights(line(at, rows, lines), Pass::Low, true);
        k_.matmul(line(bank, lines, rows), line(identity, rows, rows), Pass::Low, true, true, lines,
                  true);
        k_.copy(k_.lighter(rows),
                line(static_cast<std::uint32_t>(s.slots[i] + c * kWord), lines, rows),
                line(bank, lines, rows));
      }
    }
    return {};
  }

  /// Columns [n, n + count) of the result's rows [m, m + rows): the sum over k goes on in the banks
  /// while parts of B come and go.
  Result<> columns(const Slab& a, std::int64_t m, std::int64_t rows, std::int64_t n,
                   std::int64_t count, std::size_t part) {
    std::vector<std::uint32_t> banks;
    for (std::int64_t r = 0; r < rows; r += kSide) {
      banks.push_back(k_.bank());
      k_.hold(banks.back(), true);
    }
    const std::size_t slots = a.slots.size();
    for (std::size_t first = 0; first < slots; first += part) {
      const Slab b = TRY(slab(p_.b, n, count, first, std::min(first + part, slots)));
      for (std::int64_t r = 0; r < rows; r += kSide)
        sum(a, b, r, std::min(kSide, rows - r), banks[static_cast<std::size_t>(r / kSide)], count);
    }
    for (std::uint32_t bank : banks) k_.hold(bank, false);
    for (std::int64_t r = 0; r < rows; r += kSide) {
      const int lines = static_cast<int>(std::min(kSide, rows - r));
      const Tile staging = TRY(in_.tile(count * kWord));
      TRY(evict(line(address_of(staging), lines, count),
                line(banks[static_cast<std::size_t>(r / kSide)], lines, count), m + r, n));
      Place to = p_.out;
      to.offset += ((m + r) * n_ + n) * kWord;
      k_.store({row_store(address_of(staging), lines, count * kWord, to, n_ * kWord)});
    }
    return {};
  }

  void sum(const Slab& a, const Slab& b, std::int64_t r, std::int64_t rows, std::uint32_t bank,
           std::int64_t count) {
    const int lines = static_cast<int>(rows);
    for (std::size_t i = 0; i < b.slots.size(); ++i)
      for (Pass pass : {Pass::Low, Pass::High}) {
        const std::size_t slot = b.first + i;
        k_.ldweights(
            line(static_cast<std::uint32_t>(a.slots[slot] + r * kWord), height(slot), rows), pass);
        k_.matmul(line(bank, lines, count), line(b.slots[i], height(slot), count), pass,
                  slot == 0 && pass == Pass::Low, slot + 1 == a.slots.size() && pass == Pass::High,
                  lines);
      }
  }

  Result<> evict(const View& result, const View& sum, std::int64_t m, std::int64_t n) {
    if (!p_.bias) {
      finish(k_, result, sum, p_.finish);
      return {};
    }
    const auto columns = static_cast<std::int64_t>(result.at.count());
    const Tile tile = TRY(in_.tile(columns * kWord));
    Place place = *p_.bias;
    place.offset += (m * p_.bias_row + n * p_.bias_column) * kWord;
    Move load{place,
              {kLocal, address_of(tile)},
              kWord,
              {{columns, p_.bias_column * kWord, kWord},
               {result.partitions, p_.bias_row * kWord, isa::kPartitionStride}}};
    if (p_.bias_column == 1) {
      load.run = columns * kWord;
      load.loops.erase(load.loops.begin());
    }
    k_.load({std::move(load)});
    const View bias = line(address_of(tile), result.partitions, columns);
    Finish rest = p_.finish;
    if (rest.scale != 1) {
      k_.tensor_scalar(Engine::Vector, result, sum, Alu::Mult, rest.scale);
      k_.tensor_tensor(Engine::Vector, result, result, Alu::Add, bias);
    } else {
      k_.tensor_tensor(Engine::Vector, result, sum, Alu::Add, bias);
    }
    rest.scale = 1;
    if (rest.low || rest.high) finish(k_, result, result, rest);
    return {};
  }

  Lowering& in_;
  Kernel& k_;
  const Product& p_;
  std::int64_t m_, sum_, n_;
};

Result<> check_floats(const Lowering& in, const Node& node) {
  for (std::size_t i = 0; i < node.inputs.size(); ++i)
    if (has_input(node, i) && input_of(in.graph, node, i).type != DType::Float32)
      return unsupported(node,
                         fmt::format("input of type {}", name_of(input_of(in.graph, node, i).type)),
                         "float32");
  return {};
}

/// A matrix operand; a transposed constant is turned here, once.
Result<Matrix> operand(Lowering& in, ValueId id, std::int64_t rows, std::int64_t columns,
                       bool transposed, float scale) {
  const std::vector<float> data = in.floats(id);
  if (data.empty() || (!transposed && scale == 1)) {
    auto place = TRY(in.device(id));
    return Matrix{place, rows, columns, transposed};
  }
  std::vector<float> turned(data.size());
  for (std::int64_t r = 0; r < rows; ++r)
    for (std::int64_t c = 0; c < columns; ++c)
      turned[static_cast<std::size_t>(r * columns + c)] =
          scale * data[static_cast<std::size_t>(transposed ? c * rows + r : r * columns + c)];
  const VariableId v = in.constant("matrix", {rows, columns}, turned);
  return Matrix{{v}, rows, columns, false};
}

}  // namespace

Result<> lower_gemm(Lowering& in, const Node& node) {
  TRY(check_floats(in, node));
  const Shape& a = input_of(in.graph, node, 0).shape;
  const Shape& out = output_of(in.graph, node).shape;
  const bool turn_a = int_of(node, "transA", 0) != 0, turn_b = int_of(node, "transB", 0) != 0;
  const std::int64_t sum = turn_a ? a[0] : a[1];
  float alpha = float_of(node, "alpha", 1);
  const float beta = float_of(node, "beta", 1);
  Product p;
  p.finish = limits_of(node);
  if (in.on_chip(*node.inputs[0]) && !turn_a) p.a_on_chip = TRY(in.feature(*node.inputs[0]));
  if (!p.a_on_chip) p.a.place = TRY(in.device(*node.inputs[0]));
  p.a = {p.a.place, out[0], sum, turn_a};
  const bool folds = in.graph.value(*node.inputs[1]).constant.has_value();
  p.b = TRY(operand(in, *node.inputs[1], sum, out[1], turn_b, folds ? alpha : 1));
  p.finish.scale = folds ? 1 : alpha;
  if (has_input(node, 2) && beta != 0) {
    const Shape& c = input_of(in.graph, node, 2).shape;
    const std::vector<float> data = in.floats(*node.inputs[2]);
    if (beta != 1 && data.empty()) return unsupported(node, "beta with a computed c", "beta 1");
    if (beta == 1) {
      p.bias = TRY(in.device(*node.inputs[2]));
    } else {
      std::vector<float> scaled = data;
      for (float& f : scaled) f *= beta;
      p.bias = Place{in.constant("bias", c, scaled)};
    }
    p.bias_column = !c.empty() && c.back() != 1;
    p.bias_row = c.size() > 1 && c[0] != 1 ? (p.bias_column ? c[1] : 1) : 0;
  }
  p.out = in.define_device(node.outputs[0]);
  return Multiply(in, p).run();
}

Result<> lower_matmul(Lowering& in, const Node& node) {
  TRY(check_floats(in, node));
  Shape a = input_of(in.graph, node, 0).shape, b = input_of(in.graph, node, 1).shape;
  if (a.size() == 1) a.insert(a.begin(), 1);
  if (b.size() == 1) b.push_back(1);
  Product p;
  p.finish = limits_of(node);
  p.a = {{}, a[a.size() - 2], a.back(), false};
  p.b = {{}, b[b.size() - 2], b.back(), false};
  const Shape batch_a(a.begin(), a.end() - 2), batch_b(b.begin(), b.end() - 2);
  const bool folds = count_of(batch_b) == 1;  // one matrix for all rows of a
  if (in.on_chip(*node.inputs[0]) && a.size() == 2 && input_of(in.graph, node, 0).shape.size() == 2)
    p.a_on_chip = TRY(in.feature(*node.inputs[0]));
  if (!p.a_on_chip) p.a.place = TRY(in.device(*node.inputs[0]));
  p.b.place = TRY(in.device(*node.inputs[1]));
  p.out = in.define_device(node.outputs[0]);
  if (folds) p.a.rows *= count_of(batch_a);
  const Place a0 = p.a.place, b0 = p.b.place, out0 = p.out;
  const std::size_t rank = std::max(batch_a.size(), batch_b.size());
  std::int64_t batches = 1;
  const auto size_at = [&](const Shape& s, std::size_t back) {
    return back <= s.size() ? s[s.size() - back] : 1;
  };
  for (std::size_t back = 1; back <= rank && !folds; ++back)
    batches *= std::max(size_at(batch_a, back), size_at(batch_b, back));
  for (std::int64_t i = 0; i < batches; ++i) {
    std::int64_t rest = i, at_a = 0, at_b = 0, step_a = 1, step_b = 1;
    for (std::size_t back = 1; back <= rank && !folds; ++back) {
      const std::int64_t na = size_at(batch_a, back), nb = size_at(batch_b, back);
      const std::int64_t index = rest % std::max(na, nb);
      rest /= std::max(na, nb);
      at_a += na == 1 ? 0 : index * step_a;
      at_b += nb == 1 ? 0 : index * step_b;
      step_a *= na;
      step_b *= nb;
    }
    p.a.place.offset = a0.offset + at_a * p.a.rows * p.a.columns * kWord;
    p.b.place.offset = b0.offset + at_b * p.b.rows * p.b.columns * kWord;
    p.out.offset = out0.offset + i * p.a.rows * p.b.columns * kWord;
    TRY(Multiply(in, p).run());
  }
  return {};
}

}  // namespace neuron::compile

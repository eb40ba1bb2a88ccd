// SPDX-License-Identifier: Apache-2.0
// Matrix products: rows of A, transposed, stand still in the tensor engine; rows of B stream by.
// Both need the summed dimension on partitions: A is transposed by the tensor engine itself.
#include "compile/ops/multiply.h"

#include <algorithm>

namespace neuron::compile {
namespace {

constexpr std::int64_t kColumns = isa::kPsumBankBytes / kWord;
constexpr std::int64_t kSide = isa::kPartitions;
constexpr std::int64_t kStationaryBytes = 48 * 1024;
constexpr std::int64_t kBlocks = 4;  // of 128 rows that sum at once, a bank each

class Multiply {
 public:
  Multiply(Lowering& in, const Product& p)
      : in_(in),
        k_(in.kernel),
        p_(p),
        m_(p.a.rows),
        sum_(p.a.columns),
        n_(p.b.columns),
        type_(in.precision.operands),
        word_(static_cast<std::int64_t>(size_of(type_))),
        passes_(in.precision.passes()) {}

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
        s.slots.push_back(p.address + static_cast<std::uint32_t>(m * word_));
      }
      return s;
    }
    Matrix at = p_.a;
    std::swap(at.rows, at.columns);
    at.transposed = !at.transposed;
    if (!at.chip || !at.transposed || !at.chip->is_dense()) return slab(at, m, rows, 0, slots);
    const std::uint32_t address = at.address(m, 0);
    auto& last = in_.turned;
    if (last && last->source == at.chip->tile && last->address == address && last->rows == rows &&
        last->columns == sum_)
      return Slab{last->tiles, last->slots};
    Slab s = TRY(slab(at, m, rows, 0, slots));
    last = Lowering::Turned{at.chip->tile, address, rows, sum_, s.tiles, s.slots};
    return s;
  }

  /// Columns [from, from + count) of slots [first, last) of a [k, ...] matrix, k on partitions.
  Result<Slab> slab(const Matrix& m, std::int64_t from, std::int64_t count, std::size_t first,
                    std::size_t last) {
    Slab s;
    s.first = first;
    const bool turns = m.transposed && (count > 4 || m.chip);
    if (m.chip && !turns) return on_chip(m, from, count, first, last);
    if (turns) {
      TRY(make_room(s, last - first, count, type_));
      TRY(turn(m, from, count, s));
      return s;
    }
    const std::int64_t bytes = count * static_cast<std::int64_t>(size_of(m.type));
    const auto slots = static_cast<std::int64_t>(last - first);
    const Tile tile = TRY(in_.loaded(slots * bytes, [&](std::uint32_t at) {
      s.slots.clear();
      for (std::int64_t slot = 0; slot < slots; ++slot)
        s.slots.push_back(static_cast<std::uint32_t>(at + slot * bytes));
      return moves_of(m, from, count, s);
    }));
    s.tiles.push_back(tile);
    if (m.type == type_) return s;
    const Slab wide = s;
    s.slots.clear();
    TRY(make_room(s, last - first, count, type_));
    for (std::size_t i = 0; i < s.slots.size(); ++i)
      k_.copy(k_.lighter(count), typed(s.slots[i], height(s.first + i), count),
              line(wide.slots[i], height(s.first + i), count));
    return s;
  }

  /// Slots of a matrix whose rows are on partitions already, as products want them.
  Result<Slab> on_chip(const Matrix& m, std::int64_t from, std::int64_t count, std::size_t first,
                       std::size_t last) {
    Slab s;
    s.first = first;
    if (type_ != DType::Float32) TRY(make_room(s, last - first, count, type_));
    for (std::size_t slot = first; slot < last; ++slot) {
      const std::uint32_t at = m.address(static_cast<std::int64_t>(slot) * kSide, from);
      if (type_ == DType::Float32)
        s.slots.push_back(at);
      else
        k_.copy(k_.lighter(count), typed(s.slots[slot - first], height(slot), count),
                line(at, height(slot), count));
    }
    return s;
  }

  /// A tile for `count` slots of `columns` elements.
  Result<> make_room(Slab& s, std::size_t count, std::int64_t columns, DType type) {
    const std::int64_t bytes = columns * static_cast<std::int64_t>(size_of(type));
    auto tile = TRY(in_.tile(static_cast<std::int64_t>(count) * bytes));
    s.tiles.push_back(tile);
    for (std::size_t at = 0; at < count; ++at)
      s.slots.push_back(static_cast<std::uint32_t>(address_of(s.tiles.back()) +
                                                   static_cast<std::int64_t>(at) * bytes));
    return {};
  }

  View typed(std::uint32_t address, int partitions, std::int64_t count) const {
    View v = line(address, partitions, count);
    v.type = type_;
    return v;
  }

  /// What fills a slab from HBM, as the matrix lies there.
  std::vector<Move> moves_of(const Matrix& m, std::int64_t from, std::int64_t count,
                             const Slab& s) const {
    const auto size = static_cast<std::int64_t>(size_of(m.type));
    std::vector<Move> moves;
    for (std::size_t i = 0; i < s.slots.size(); ++i) {
      const std::int64_t k = static_cast<std::int64_t>(s.first + i) * kSide;
      const int lines = height(s.first + i);
      Place place = m.place;
      if (m.packed) {  // one run for all slots
        const std::int64_t bytes = count * static_cast<std::int64_t>(s.slots.size()) * size;
        place.offset += (from * sum_ + static_cast<std::int64_t>(s.first) * count) * size;
        return {row_load(place, sum_ / kSide * count * size, s.slots[0], isa::kPartitions, bytes)};
      }
      if (m.transposed) {  // a few columns: element by element
        place.offset += (from * sum_ + k) * size;
        moves.push_back({place,
                         {kLocal, s.slots[i]},
                         size,
                         {{count, sum_ * size, size}, {lines, size, isa::kPartitionStride}}});
      } else {
        place.offset += (k * m.columns + from) * size;
        moves.push_back(row_load(place, m.columns * size, s.slots[i], lines, count * size));
      }
    }
    return moves;
  }

  /// Fills a slab from rows of [columns, k] through the tensor engine.
  Result<> turn(const Matrix& m, std::int64_t from, std::int64_t count, const Slab& s) {
    const std::uint32_t identity = TRY(in_.identity());
    const std::int64_t begin = static_cast<std::int64_t>(s.first) * kSide;
    const std::int64_t length =
        std::min(sum_ - begin, static_cast<std::int64_t>(s.slots.size()) * kSide);
    for (std::int64_t c = 0; c < count; c += kSide) {
      const int rows = static_cast<int>(std::min(kSide, count - c));
      Tile flat;
      std::uint32_t at = 0;
      if (m.chip) {
        at = m.address(from + c, begin);
      } else {
        Place place = m.place;
        place.offset += ((from + c) * sum_ + begin) * kWord;
        flat = TRY(in_.loaded(length * kWord, [&](std::uint32_t to) {
          return std::vector<Move>{row_load(place, sum_ * kWord, to, rows, length * kWord)};
        }));
        at = address_of(flat);
      }
      // As many slots as a bank holds leave it together, where they lie one behind the other.
      const std::size_t together = count == rows ? static_cast<std::size_t>(kColumns / rows) : 1;
      for (std::size_t i = 0; i < s.slots.size();) {
        std::size_t end = i + 1;
        while (end < s.slots.size() && end - i < together && height(s.first + end) == kSide) ++end;
        turn_slots(s, i, end, at, c, rows, identity);
        i = end;
      }
    }
    return {};
  }

  /// Slots [first, last) of `rows` columns from `c` on: `at` holds them as rows. All but the last
  /// have 128 lines.
  void turn_slots(const Slab& s, std::size_t first, std::size_t last, std::uint32_t at,
                  std::int64_t c, int rows, std::uint32_t identity) {
    const std::uint32_t bank = k_.bank();
    const int lines = height(s.first + first);
    for (std::size_t i = first; i < last; ++i) {
      const auto from =
          static_cast<std::uint32_t>(at + static_cast<std::int64_t>(i) * kSide * kWord);
      const auto to =
          static_cast<std::uint32_t>(bank + static_cast<std::int64_t>(i - first) * rows * kWord);
      k_.ldweights(line(from, rows, lines), Pass::Low, true);
      k_.matmul(line(to, lines, rows), line(identity, rows, rows), Pass::Low, true, true, lines,
                true);
    }
    const std::int64_t columns = rows * static_cast<std::int64_t>(last - first);
    k_.copy(k_.lighter(columns),
            typed(static_cast<std::uint32_t>(s.slots[first] + c * word_), lines, columns),
            line(bank, lines, columns));
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
    const bool begun = TRY(begin_with_bias(rows, n, count, banks));
    for (std::size_t first = 0; first < slots; first += part) {
      const Slab b = TRY(slab(p_.b, n, count, first, std::min(first + part, slots)));
      for (std::int64_t r = 0; r < rows; r += kSide)
        sum(a, b, r, std::min(kSide, rows - r), banks[static_cast<std::size_t>(r / kSide)], count,
            begun);
    }
    for (std::uint32_t bank : banks) k_.hold(bank, false);
    for (std::int64_t r = 0; r < rows; r += kSide) {
      const int lines = static_cast<int>(std::min(kSide, rows - r));
      const View sums = line(banks[static_cast<std::size_t>(r / kSide)], lines, count);
      if (p_.out_on_chip) {
        const std::size_t block = p_.out_block + static_cast<std::size_t>((m + r) / kSide);
        const auto at = static_cast<std::uint32_t>(p_.out_on_chip->address(block) + n * kWord);
        TRY(evict(line(at, lines, count), sums, m + r, n, begun));
        continue;
      }
      const Tile staging = TRY(in_.tile(count * kWord));
      TRY(evict(line(address_of(staging), lines, count), sums, m + r, n, begun));
      Place to = p_.out;
      to.offset += ((m + r) * n_ + n) * kWord;
      k_.store({row_store(address_of(staging), lines, count * kWord, to, n_ * kWord)});
    }
    return {};
  }

  /// A bias for each column comes first, as a product with ones: true when it did.
  Result<bool> begin_with_bias(std::int64_t rows, std::int64_t n, std::int64_t count,
                               const std::vector<std::uint32_t>& banks) {
    if (!p_.bias || p_.bias_row != 0 || p_.bias_column != 1 || p_.finish.scale != 1) return false;
    const std::uint32_t ones = TRY(in_.ones());
    Place place = *p_.bias;
    place.offset += n * kWord;
    const Tile tile = TRY(in_.loaded(count * kWord, [&](std::uint32_t at) {
      return std::vector<Move>{row_load(place, 0, at, 1, count * kWord)};
    }));
    for (std::size_t b = 0; b < banks.size(); ++b) {
      const auto lines = std::min(kSide, rows - static_cast<std::int64_t>(b) * kSide);
      k_.ldweights(line(ones, 1, lines), Pass::High);
      k_.matmul(line(banks[b], static_cast<int>(lines), count), line(address_of(tile), 1, count),
                Pass::High, true, sum_ == 0, static_cast<int>(lines));
    }
    return true;
  }

  void sum(const Slab& a, const Slab& b, std::int64_t r, std::int64_t rows, std::uint32_t bank,
           std::int64_t count, bool begun) {
    const int lines = static_cast<int>(rows);
    for (std::size_t i = 0; i < b.slots.size(); ++i)
      for (const Pass& pass : passes_) {
        const std::size_t slot = b.first + i;
        const bool first = !begun && slot == 0 && &pass == &passes_.front();
        const bool last = slot + 1 == a.slots.size() && &pass == &passes_.back();
        k_.ldweights(
            typed(static_cast<std::uint32_t>(a.slots[slot] + r * word_), height(slot), rows), pass);
        k_.matmul(line(bank, lines, count), typed(b.slots[i], height(slot), count), pass, first,
                  last, lines);
      }
  }

  Result<> evict(const View& result, const View& sum, std::int64_t m, std::int64_t n,
                 bool has_bias) {
    if (!p_.bias || has_bias) {
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
  DType type_;         ///< of both operands on chip
  std::int64_t word_;  ///< its bytes
  std::span<const Pass> passes_;
};

}  // namespace

std::optional<std::vector<float>> packed(const std::vector<float>& data, std::int64_t rows,
                                         std::int64_t columns) {
  if (rows % kSide != 0 || rows == kSide) return std::nullopt;
  std::vector<float> out;
  out.reserve(data.size());
  for (std::int64_t n = 0; n < columns; n += kColumns) {
    const std::int64_t count = std::min(kColumns, columns - n);
    for (std::int64_t p = 0; p < kSide; ++p)
      for (std::int64_t row = p; row < rows; row += kSide) {
        const auto at = data.begin() + row * columns + n;
        out.insert(out.end(), at, at + count);
      }
  }
  return out;
}

Result<> multiply(Lowering& in, const Product& product) { return Multiply(in, product).run(); }

}  // namespace neuron::compile

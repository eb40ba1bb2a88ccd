// SPDX-License-Identifier: Apache-2.0
// The weights of a product: packed for the tiles, once where they never change.
#include <algorithm>
#include <cstring>

#include "base/numbers.h"
#include "sim/arithmetic.h"
#include "sim/plan/panels.h"
#include "sim/plan/pool.h"
#include "sim/plan/rows.h"

namespace neuron::sim {
namespace {

/// One row of weights in the order of the columns.
void read_weights(const Memory& m, const Weights& w, unsigned k, float* row) {
  const View& v = w.view;
  if (w.made_by) return compute_row(*w.made_by, m, k, row);
  const std::byte* at =
      w.constant ? w.constant.data + k * w.constant.pitch : m.core + row_start(v, k);
  if (v.nums[1] * v.nums[2] * v.nums[3] == 1) {
    const std::int64_t step = v.steps[0];
    const std::byte* from = at + step * w.first;
    if (v.type == DType::Float32 && step == -4) {
      std::memcpy(row, from, w.columns * sizeof(float));
    } else if (step == -std::int64_t{v.size}) {
      to_floats({from, std::size_t{w.columns} * v.size}, v.type, {row, w.columns});
    } else {
      for (unsigned i = 0; i < w.columns; ++i, from -= step)
        row[i] = load_as_float({from, v.size}, 0, v.type);
    }
    return;
  }
  for (unsigned i = 0; i < w.columns; ++i) {
    std::uint32_t index = w.first - i;
    std::int64_t offset = 0;
    for (int d = 0; d < 4; ++d) {
      offset += std::int64_t{v.steps[d]} * (index % v.nums[d]);
      index /= v.nums[d];
    }
    row[i] = load_as_float({at + offset, v.size}, 0, v.type);
  }
}

/// Rows that may be packed from where they lie: constants in the order of whole blocks of columns.
bool lies_packable(const Weights& w) {
  const View& v = w.view;
  return w.constant && v.type == DType::Float32 && v.steps[0] == -4 && w.pass == 0 &&
         v.nums[1] * v.nums[2] * v.nums[3] == 1 && w.columns % kPackColumns == 0;
}
/// They are read once and seldom follow each other, so some are asked for ahead.
bool pack_where_they_lie(const Weights& w, float* to, std::size_t block_step, bool asks) {
  constexpr unsigned kAhead = 6, kBlock = kPackColumns * sizeof(float);
  const std::byte* from = w.constant.data - std::size_t{w.first} * sizeof(float);
  bool finite = true;
  std::array<float, kArray> row;
  for (unsigned k = 0; k < w.rows; ++k, to += kPackColumns, from += w.constant.pitch) {
    if (k + kAhead < w.rows)
      for (unsigned i = 0; i < w.columns; i += 2 * kPackColumns)
        __builtin_prefetch(from + kAhead * w.constant.pitch + i * sizeof(float));
    for (unsigned i = 0; i < w.columns / kPackColumns; ++i) {
      std::memcpy(row.data() + i * kPackColumns, from + i * kBlock, kBlock);
      std::memcpy(to + i * block_step, row.data() + i * kPackColumns, kBlock);
    }
    if (asks && finite) finite = tile_kernels().finite(row.data(), w.columns);
  }
  return finite;
}

/// Tells whether all weights are finite, to one who asks.
bool pack_weights(const Memory& m, const Weights& w, float* to, std::size_t block_step, bool asks) {
  if (lies_packable(w)) return pack_where_they_lie(w, to, block_step, asks);
  bool finite = true;
  std::array<float, kArray + kPackColumns> row{};
  for (unsigned k = 0; k < w.rows; ++k, to += kPackColumns) {
    read_weights(m, w, k, row.data());
    if (w.pass == kHigh) keep_high(std::span(row).first(w.columns));
    if (w.pass == kLow) keep_low(std::span(row).first(w.columns));
    finite = finite && tile_kernels().finite(row.data(), w.columns);
    for (unsigned i = 0; i < w.columns; i += kPackColumns)
      std::memcpy(to + i / kPackColumns * block_step, row.data() + i, kPackColumns * sizeof(float));
  }
  return finite;
}

/// What tells packed weights from others: where their numbers are, and how they are laid out.
std::string key_of(const PlannedProduct& p) {
  std::string key;
  const auto add = [&](const auto& value) {
    key.append(reinterpret_cast<const char*>(&value), sizeof(value));
  };
  for (const Term& t : p.sum.terms) {
    const Weights& w = t.weights;
    add(w.constant.data);
    add(w.constant.pitch);
    add(w.view.steps);
    add(w.view.nums);
    add(w.view.type);
    add(w.rows);
    add(w.first);
    add(w.columns);
    add(w.pass);
  }
  return key;
}

/// Where the weight of a chunk's row and a column is.
std::size_t packed_at(const Chunk& c, std::size_t row, unsigned column) {
  return c.weights + (std::size_t{column / kPackColumns} * c.rows + row) * kPackColumns +
         column % kPackColumns;
}

void find_zeros(const PlannedProduct& p, PackedWeights& packed) {
  std::size_t all = 0, used = 0;
  for (const Chunk& c : p.chunks) {
    std::size_t row = 0;
    for (std::uint32_t t = c.first; t < c.last; row += p.sum.terms[t++].weights.rows)
      for (unsigned b = 0; b < p.blocks; ++b) {
        const unsigned rows = p.sum.terms[t].weights.rows;
        const float* from = packed.values.data() + packed_at(c, row, b * kPackColumns);
        const auto empty = [&](unsigned k) {
          return std::all_of(from + k * kPackColumns, from + (k + 1) * kPackColumns,
                             [](float x) { return x == 0; });
        };
        unsigned first = 0, last = rows;
        while (first < last && empty(first)) ++first;
        while (last > first && empty(last - 1)) --last;
        packed.rows.emplace_back(first, last);
        all += rows;
        used += last - first;
      }
  }
  packed.sparse = used * 2 < all;
}

/// The column of each row, if each row has weights in one column alone, the same in all terms of
/// `rows` rows. Else empty.
std::vector<std::uint16_t> owners_of(const PlannedProduct& p, const PackedWeights& packed,
                                     unsigned rows) {
  constexpr std::uint16_t kNone = 0xffff;
  std::vector<std::uint16_t> owners(rows, kNone);
  for (const Chunk& c : p.chunks)
    for (unsigned row = 0; row < c.rows; ++row)
      for (unsigned m = 0; m < p.columns; ++m) {
        const float w = packed.values[packed_at(c, row, m)];
        if (w == 0) continue;
        std::uint16_t& owner = owners[row % rows];
        if (!(w - w == 0) || (owner != kNone && owner != m)) return {};
        owner = static_cast<std::uint16_t>(m);
      }
  // A row without a column would bring its infinities to all.
  if (std::ranges::find(owners, kNone) != owners.end()) return {};
  return owners;
}

/// Fills in PackedWeights::row_of, behind and alone, if the weights are like that.
void find_alone(const PlannedProduct& p, PackedWeights& packed) {
  const auto& terms = p.sum.terms;
  const unsigned rows = terms[0].weights.rows, each = rows / p.columns;
  const auto differs = [&](const Term& t) { return t.weights.rows != rows; };
  if (p.columns == 1 || rows % p.columns != 0 || std::ranges::any_of(terms, differs)) return;
  const auto owners = owners_of(p, packed, rows);
  if (owners.empty()) return;
  std::vector<std::vector<std::uint16_t>> owned(p.columns);
  for (unsigned k = 0; k < rows; ++k) owned[owners[k]].push_back(static_cast<std::uint16_t>(k));
  std::vector<std::uint16_t> row_of, behind;
  for (const auto& own : owned) {
    if (own.size() != each) return;
    row_of.push_back(own[0]);
    for (unsigned i = 0; i < each; ++i) {
      const auto distance = static_cast<std::uint16_t>(own[i] - own[0]);
      if (behind.size() < each) behind.push_back(distance);
      if (behind[i] != distance) return;
    }
  }
  packed.alone.resize(p.columns * terms.size() * each);
  float* to = packed.alone.data();
  for (unsigned m = 0; m < p.columns; ++m)
    for (const Chunk& c : p.chunks)
      for (unsigned first = 0; first < c.rows; first += rows)
        for (const std::uint16_t row : owned[m])
          *to++ = packed.values[packed_at(c, first + row, m)];
  packed.row_of = std::move(row_of);
  packed.behind = std::move(behind);
}

/// Whether zeros fill up columns of a chunk, or may: they must not meet an infinity.
bool fills_up(const PlannedProduct& p, const Chunk& chunk) {
  const auto c = static_cast<std::size_t>(&chunk - p.chunks.data());
  return p.panels.empty() || std::ranges::any_of(p.panels, [&](const Panel& panel) {
           return !std::ranges::all_of(panel.parts[c],
                                       [](const PanelPart& part) { return part.pieces.full; });
         });
}

/// Packs those terms of a chunk that are in [begin, end).
void pack_chunk(const PlannedProduct& p, const Chunk& chunk, const Memory& m, unsigned begin,
                unsigned end) {
  const bool asks = !p.constant || fills_up(p, chunk);  // others may share what is packed at a run
  std::size_t row = 0;
  for (unsigned t = chunk.first; t < chunk.last; ++t) {
    const Weights& w = p.sum.terms[t].weights;
    if (t >= begin && t < end)
      p.storage->finite[t] =
          pack_weights(m, w, p.storage->values.data() + chunk.weights + row * kPackColumns,
                       std::size_t{chunk.rows} * kPackColumns, asks);
    row += w.rows;
  }
}

/// One run of float32, as rows in memory are.
bool is_line(const View& v) {
  return v.type == DType::Float32 && v.at % alignof(float) == 0 && v.steps[0] == sizeof(float) &&
         v.nums[1] * v.nums[2] * v.nums[3] == 1;
}

}  // namespace

bool makes(const bound::tensor_scalar& op, const Weights& w) {
  const View& v = w.view;
  return is_line(op.src) && is_line(op.dst) && v.type == DType::Float32 && v.steps[0] == -4 &&
         v.nums[1] * v.nums[2] * v.nums[3] == 1 && op.dst.count == w.columns &&
         op.dst.partitions == w.rows && op.dst.at + w.first * sizeof(float) == v.at;
}

void pack_terms(const PlannedProduct& p, const Memory& m, unsigned begin, unsigned end) {
  for (const Chunk& chunk : p.chunks) pack_chunk(p, chunk, m, begin, end);
}

bool share_constants(PlannedProduct& p, Packings& packings) {
  if (!std::all_of(p.sum.terms.begin(), p.sum.terms.end(),
                   [](const Term& t) { return bool(t.weights.constant); }))
    return false;
  auto& packed = packings.constants[key_of(p)];
  p.packs = packed == nullptr;
  if (p.packs) packed = std::make_shared<PackedWeights>();
  p.storage = packed;
  ++packed->users;
  return true;
}

bool looks_dense(const PlannedProduct& p) {
  std::array<float, kArray + kPackColumns> row{};
  std::size_t blocks = 0, used = 0;
  for (const Term& t : p.sum.terms) {
    read_weights({}, t.weights, t.weights.rows / 2, row.data());
    for (unsigned i = 0; i < t.weights.columns; i += kPackColumns, ++blocks) {
      const auto end = row.begin() + std::min(i + kPackColumns, t.weights.columns);
      used += std::any_of(row.begin() + i, end, [](float x) { return x != 0; });
    }
  }
  return used * 2 > blocks;
}

void pack_constants(std::span<PlannedProduct* const> products) {
  std::vector<std::pair<PlannedProduct*, const Chunk*>> parts;
  for (PlannedProduct* p : products) {
    p->storage->values.resize(p->packed);
    p->storage->finite.resize(p->sum.terms.size());
    for (const Chunk& chunk : p->chunks) parts.emplace_back(p, &chunk);
  }
  share(static_cast<unsigned>(parts.size()), [&](unsigned, unsigned begin, unsigned end) {
    for (const auto& [p, chunk] : std::span(parts).subspan(begin, end - begin))
      pack_chunk(*p, *chunk, {}, chunk->first, chunk->last);
  });
}

void find_patterns(std::span<PlannedProduct* const> products) {
  share(static_cast<unsigned>(products.size()), [&](unsigned, unsigned begin, unsigned end) {
    for (PlannedProduct* p : products.subspan(begin, end - begin)) {
      find_zeros(*p, *p->storage);
      find_alone(*p, *p->storage);
    }
  });
}

}  // namespace neuron::sim

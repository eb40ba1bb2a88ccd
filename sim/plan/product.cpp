// SPDX-License-Identifier: Apache-2.0
// Longer than most: what plans a product and what runs it share every struct of it.
// Weights are packed in blocks of 8 columns, moving columns in panels of up to 144; terms follow
// each other in chunks that stay in the first cache.
#include "sim/plan/product.h"

#include <algorithm>
#include <cstring>
#include <numeric>

#include "base/numbers.h"
#include "sim/arithmetic.h"
#include "sim/plan/evict.h"

namespace neuron::sim {
namespace {

constexpr unsigned kChunk = 128;  ///< rows from which a chunk is full
constexpr unsigned kPackColumns = kTileRows;

/// One term in a panel.
struct Part {
  std::uint32_t term;
  std::uint32_t row;  ///< of the chunk
  Pieces pieces;
};
struct Chunk {
  std::uint32_t rows = 0;
  std::size_t weights = 0;            ///< place of its packed weights
  std::uint32_t first = 0, last = 0;  ///< terms
};
struct Panel {
  unsigned begin, end, lanes;
  std::vector<std::vector<Part>> parts;  ///< of each chunk
  Pieces base;                           ///< of the sum in PSUM
  EvictionPanel eviction;
  std::vector<Tap> taps;  ///< for weights that stand alone
  std::vector<std::uint32_t> tap_ends;
};

struct Product {
  Sum sum;
  unsigned columns = 0, blocks = 0;  ///< of the weights
  std::vector<Chunk> chunks;
  std::vector<Panel> panels;
  std::unique_ptr<Evictor> evictor;
  bool keep = true;
  std::size_t packed = 0;  ///< floats of all packed weights
  std::shared_ptr<PackedWeights> storage;
};

// ---- weights

/// One row of weights in the order of the columns.
void read_weights(const Memory& m, const Weights& w, unsigned k, float* row) {
  const View& v = w.view;
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

/// Tells whether all weights are finite.
bool pack_weights(const Memory& m, const Weights& w, float* to, std::size_t block_step) {
  bool finite = true;
  std::array<float, kArray + kPackColumns> row{};
  for (unsigned k = 0; k < w.rows; ++k, to += kPackColumns) {
    read_weights(m, w, k, row.data());
    if (w.pass == kHigh)
      for (unsigned i = 0; i < w.columns; ++i) row[i] = high_half(row[i]);
    if (w.pass == kLow)
      for (unsigned i = 0; i < w.columns; ++i) row[i] -= high_half(row[i]);
    finite = finite && tile_kernels().finite(row.data(), w.columns);
    for (unsigned i = 0; i < w.columns; i += kPackColumns)
      std::memcpy(to + i / kPackColumns * block_step, row.data() + i, kPackColumns * sizeof(float));
  }
  return finite;
}

/// Terms [begin, end) into their chunks.
void pack_terms(const Product& p, const Memory& m, unsigned begin, unsigned end) {
  for (const Chunk& chunk : p.chunks) {
    std::size_t row = 0;
    for (unsigned t = chunk.first; t < chunk.last; ++t) {
      const Weights& w = p.sum.terms[t].weights;
      if (t >= begin && t < end)
        p.storage->finite[t] =
            pack_weights(m, w, p.storage->values.data() + chunk.weights + row * kPackColumns,
                         std::size_t{chunk.rows} * kPackColumns);
      row += w.rows;
    }
  }
}

// ---- panels

RowsAt moving_at(const Memory& m, const Term& t) {
  if (t.constant) return {t.constant.data, t.constant.pitch};
  return {m.core + row_start(t.moving, 0)};
}
/// Whether the rows of a term may be read as they lie.
bool in_place(const Memory& m, const Term& t, const Pieces& pieces) {
  const RowsAt at = moving_at(m, t);
  return pieces.single() && !t.high && t.moving.type == DType::Float32 &&
         reinterpret_cast<std::uintptr_t>(at.first + pieces.runs[0].from) % alignof(float) == 0 &&
         at.step % sizeof(float) == 0;
}

void pack_part(const Memory& m, const Term& term, const Part& part, unsigned width, float* panel) {
  float* to = panel + std::size_t{part.row} * width;
  if (!part.pieces.full) std::memset(to, 0, std::size_t{term.weights.rows} * width * sizeof(float));
  load_rows(moving_at(m, term), term.moving, term.weights.rows, part.pieces, to, width);
  if (!term.high) return;
  for (std::size_t i = 0; i < std::size_t{term.weights.rows} * width; ++i) to[i] = high_half(to[i]);
}

/// Only the rows where a block of weights is not zero; what they meet is finite.
void sum_sparse(const Product& p, std::size_t c, const Panel& panel, TileArguments t,
                TileKernel kernel) {
  const std::size_t block = std::size_t{p.chunks[c].rows} * kPackColumns;
  const float* weights = t.a;
  const float* moving = t.b;
  const bool fresh = t.fresh;
  for (unsigned b = 0; b < p.blocks; ++b, weights += block, t.c += kTileRows * kStripColumns) {
    t.fresh = fresh;
    for (const Part& part : panel.parts[c]) {
      const auto [first, last] = p.storage->rows[part.term * p.blocks + b];
      if (first == last && !t.fresh) continue;
      t.a = weights + (part.row + first) * std::size_t{kPackColumns};
      t.b = moving + (part.row + first) * t.b_step;
      t.k = last - first;
      kernel(t);
      t.fresh = false;
    }
  }
}

/// Every block of weights.
void sum_dense(const Product& p, std::size_t c, TileArguments t, TileKernel kernel) {
  for (unsigned b = 0; b < p.blocks; ++b) {
    kernel(t);
    t.a += std::size_t{p.chunks[c].rows} * kPackColumns;
    t.c += kTileRows * kStripColumns;
  }
}

/// A chunk's share of a panel, as many columns at a time as a tile has.
void sum_chunk(const Product& p, std::size_t c, const Panel& panel, TileArguments t, bool sparse) {
  const unsigned tiles = (panel.lanes + kTileLanes - 1) / kTileLanes;
  for (unsigned i = 0; i < tiles; ++i) {
    const unsigned begin = panel.lanes * i / tiles, lanes = panel.lanes * (i + 1) / tiles - begin;
    TileArguments tile = t;
    tile.b += begin * kLanes;
    tile.c += begin * kLanes;
    if (sparse)
      sum_sparse(p, c, panel, tile, tile_kernels().tile[lanes - 1]);
    else
      sum_dense(p, c, tile, tile_kernels().tile[lanes - 1]);
  }
}

/// Weights that stand alone: each row by itself. False, and nothing said, when a number is not
/// finite.
bool sum_alone(const Product& p, const Panel& panel, const Memory& m, float* sums) {
  const std::size_t terms = p.sum.terms.size();
  bool good = true;
  for (unsigned c = 0; c < p.columns && good; ++c)
    good = tile_kernels().taps({m.core + row_start(p.sum.terms[0].moving, p.storage->row_of[c]),
                                p.storage->alone.data() + c * terms, panel.taps.data(),
                                panel.tap_ends.data(), panel.lanes,
                                sums + c * std::size_t{kStripColumns}});
  return good;
}

/// Whether zeros that fill up a term's columns would meet an infinity or NaN among its weights.
bool needs_care(const Product& p, const Panel& panel) {
  for (const auto& parts : panel.parts)
    for (const Part& part : parts)
      if (!part.pieces.full && !p.storage->finite[part.term]) return true;
  return false;
}

/// Term by term, each adding only to the columns that it has.
void sum_carefully(const Product& p, const Panel& panel, const Memory& m, Worker& w) {
  std::vector<float> one((kArray + kTileRows) * kStripColumns);
  if (!p.sum.accumulate) std::fill(w.sums.begin(), w.sums.end(), 0.0f);
  for (std::size_t c = 0; c < p.chunks.size(); ++c)
    for (const Part& part : panel.parts[c]) {
      const Term& term = p.sum.terms[part.term];
      pack_part(m, term, part, panel.lanes * kLanes, w.panel.data());
      TileArguments t{};
      t.b_step = panel.lanes * kLanes;
      t.k = term.weights.rows;
      t.c_step = kStripColumns;
      t.fresh = true;
      t.a = p.storage->values.data() + p.chunks[c].weights + std::size_t{part.row} * kPackColumns;
      t.b = w.panel.data() + part.row * t.b_step;
      t.c = one.data();
      sum_chunk(p, c, panel, t, false);
      for (unsigned r = 0; r < p.columns; ++r)
        for (const Piece& piece : part.pieces.runs)
          for (unsigned i = piece.to; i < piece.to + piece.count; ++i)
            w.sums[r * kStripColumns + i] += one[r * kStripColumns + i];
    }
}

/// Sums of one panel for all columns of the weights, in the worker's tile.
void sum_panel(const Product& p, const Panel& panel, const Memory& m, Worker& w) {
  const unsigned width = panel.lanes * kLanes;
  if (!panel.taps.empty() && sum_alone(p, panel, m, w.sums.data())) return;
  bool fresh = !p.sum.accumulate;
  if (p.sum.accumulate)
    load_rows(m.core, p.sum.base, 0, p.columns, panel.base, w.sums.data(), kStripColumns);
  if (needs_care(p, panel)) return sum_carefully(p, panel, m, w);
  for (std::size_t c = 0; c < p.chunks.size(); ++c) {
    const Chunk& chunk = p.chunks[c];
    TileArguments t{};
    t.b = w.panel.data();
    t.b_step = width;
    const Part& only = panel.parts[c].front();
    const Term& term = p.sum.terms[only.term];
    if (p.blocks == 1 && !p.storage->sparse && panel.parts[c].size() == 1 &&
        in_place(m, term, only.pieces)) {
      const RowsAt at = moving_at(m, term);
      t.b = reinterpret_cast<const float*>(at.first + only.pieces.runs[0].from);
      t.b_step = at.step / sizeof(float);
    } else {
      for (const Part& part : panel.parts[c])
        pack_part(m, p.sum.terms[part.term], part, width, w.panel.data());
    }
    t.k = chunk.rows;
    t.fresh = fresh;
    fresh = false;
    t.a = p.storage->values.data() + chunk.weights;
    t.c = w.sums.data();
    t.c_step = kStripColumns;
    const bool sparse =
        p.storage->sparse && tile_kernels().finite(w.panel.data(), std::size_t{chunk.rows} * width);
    sum_chunk(p, c, panel, t, sparse);
  }
}

void run_panels(const Product& p, const Memory& m, Worker& w, unsigned begin, unsigned end) {
  w.panel.resize(std::max<std::size_t>(w.panel.size(), 2 * kArray * kStripColumns));
  w.sums.resize(std::max<std::size_t>(w.sums.size(), (kArray + kTileRows) * kStripColumns));
  if (p.evictor) p.evictor->open(m, w);
  for (unsigned i = begin; i < end; ++i) {
    const Panel& panel = p.panels[i];
    sum_panel(p, panel, m, w);
    if (p.keep)
      store_rows(m.core, p.sum.base, 0, p.columns, panel.base, w.sums.data(), kStripColumns);
    if (p.evictor) p.evictor->take(m, w, panel.eviction);
  }
}

// ---- planning

std::vector<std::int32_t> iota(std::size_t count) {
  std::vector<std::int32_t> out(count);
  std::iota(out.begin(), out.end(), 0);
  return out;
}

void plan_chunks(Product& p) {
  for (std::uint32_t t = 0; t < p.sum.terms.size(); ++t) {
    const unsigned rows = p.sum.terms[t].weights.rows;
    // One block of weights reads its moving rows in place, a term at a time.
    if (p.chunks.empty() || p.blocks == 1 || p.chunks.back().rows >= kChunk)
      p.chunks.push_back({0, 0, t, t});
    p.chunks.back().rows += rows;
    p.chunks.back().last = t + 1;
  }
  for (Chunk& c : p.chunks) {
    c.weights = p.packed;
    p.packed += std::size_t{c.rows} * p.blocks * kPackColumns;
  }
}

/// Whether moving rows may be read element by element for weights that stand alone.
bool may_stand_alone(const Product& p) {
  const View& first = p.sum.terms[0].moving;
  return !p.sum.accumulate && p.storage && !p.storage->row_of.empty() &&
         std::all_of(p.sum.terms.begin(), p.sum.terms.end(), [&](const Term& t) {
           return !t.constant && !t.high && t.moving.type == DType::Float32 &&
                  t.moving.at / isa::kPartitionStride == first.at / isa::kPartitionStride &&
                  t.weights.rows == p.sum.terms[0].weights.rows;
         });
}

/// A panel's parts once more, vector by vector.
void plan_taps(const Product& p, Panel& panel) {
  std::vector<std::vector<Tap>> vectors(panel.lanes);
  for (const auto& parts : panel.parts)
    for (const Part& part : parts) {
      const auto shift = static_cast<std::int32_t>(p.sum.terms[part.term].moving.at) -
                         static_cast<std::int32_t>(p.sum.terms[0].moving.at);
      for (const Piece& piece : part.pieces.runs)
        for (unsigned done = 0; done < piece.count;) {
          if (piece.step != 1 && piece.step != 2) return;
          const unsigned to = piece.to + done, lane = to % kLanes;
          const unsigned count = std::min(kLanes - lane, piece.count - done);
          const auto from = shift + piece.from + static_cast<std::int32_t>(done) * piece.step * 4;
          const auto lanes = static_cast<std::uint16_t>(((1u << count) - 1) << lane);
          vectors[to / kLanes].push_back(
              {piece.step == 1 ? from - static_cast<std::int32_t>(lane) * 4 : from,
               static_cast<std::uint16_t>(part.term), lanes, piece.step == 2});
          done += count;
        }
    }
  for (const auto& v : vectors) {
    panel.taps.insert(panel.taps.end(), v.begin(), v.end());
    panel.tap_ends.push_back(static_cast<std::uint32_t>(panel.taps.size()));
  }
}

void plan_panels(Product& p) {
  const unsigned count = p.sum.base.count, lanes = (count + kLanes - 1) / kLanes;
  constexpr unsigned kMost = kStripColumns / kLanes;
  const unsigned panels = (lanes + kMost - 1) / kMost;
  std::vector<std::vector<std::int32_t>> offsets, columns;
  for (const Term& t : p.sum.terms) {
    offsets.push_back(offsets_of(t.moving));
    columns.push_back(columns_in(p.sum, t.to));
  }
  const auto all = iota(count);
  for (unsigned i = 0; i < panels; ++i) {
    Panel panel{};
    panel.begin = lanes * i / panels * kLanes;
    panel.lanes = lanes * (i + 1) / panels - lanes * i / panels;
    panel.end = std::min(count, panel.begin + panel.lanes * kLanes);
    const auto begin = static_cast<std::int32_t>(panel.begin),
               end = begin + static_cast<std::int32_t>(panel.lanes * kLanes);
    for (const Chunk& c : p.chunks) {
      auto& parts = panel.parts.emplace_back();
      std::uint32_t row = 0;
      for (std::uint32_t t = c.first; t < c.last; row += p.sum.terms[t++].weights.rows)
        parts.push_back(
            {t, row, pieces_of(offsets[t], columns[t], begin, end, p.sum.terms[t].moving.size)});
    }
    if (may_stand_alone(p)) plan_taps(p, panel);
    panel.base = pieces_of(p.sum.base_offsets, all, begin, end, sizeof(float));
    if (p.evictor) panel.eviction = p.evictor->panel(begin, end);
    p.panels.push_back(std::move(panel));
  }
}

}  // namespace

bool same_place(const View& a, const View& b) {
  return a.at == b.at && a.steps == b.steps && a.nums == b.nums && a.partitions == b.partitions &&
         a.type == b.type;
}
bool Weights::operator==(const Weights& o) const {
  return same_place(view, o.view) && rows == o.rows && first == o.first && columns == o.columns &&
         pass == o.pass && constant == o.constant;
}

std::vector<std::int32_t> columns_in(const Sum& sum, const View& to) {
  const View& base = sum.base;
  if (to.partitions != base.partitions || to.type != base.type) return {};
  if (to.at == base.at && to.steps == base.steps && to.nums == base.nums) return iota(to.count);
  if (!base.dense) return {};
  auto out = offsets_of(to);
  for (std::int32_t& o : out) {
    o += static_cast<std::int32_t>(to.at) - static_cast<std::int32_t>(base.at);
    if (o < 0 || o % 4 != 0 || o / 4 >= static_cast<std::int32_t>(base.count)) return {};
    o /= 4;
  }
  return out;
}

namespace {

/// What tells packed weights from others: where their numbers are, and how they are laid out.
std::string key_of(const Product& p) {
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

void find_zeros(const Product& p, PackedWeights& packed) {
  std::size_t all = 0, used = 0;
  for (const Chunk& c : p.chunks) {
    std::size_t row = 0;
    for (std::uint32_t t = c.first; t < c.last; row += p.sum.terms[t++].weights.rows)
      for (unsigned b = 0; b < p.blocks; ++b) {
        const unsigned rows = p.sum.terms[t].weights.rows;
        const float* from =
            packed.values.data() + c.weights + (std::size_t{b} * c.rows + row) * kPackColumns;
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

/// Fills in PackedWeights::row_of and alone, if the weights are like that.
void find_alone(const Product& p, PackedWeights& packed) {
  const std::size_t terms = p.sum.terms.size();
  const unsigned rows = p.sum.terms[0].weights.rows;
  std::vector<std::uint16_t> row_of(p.columns, 0xffff);
  std::vector<float> alone(p.columns * terms);
  std::vector<bool> used(rows);
  for (const Chunk& c : p.chunks) {
    std::size_t row = 0;
    for (std::uint32_t t = c.first; t < c.last; ++t, row += rows) {
      if (p.sum.terms[t].weights.rows != rows) return;
      for (unsigned m = 0; m < p.columns; ++m)
        for (unsigned k = 0; k < rows; ++k) {
          const float w =
              packed.values[c.weights +
                            (std::size_t{m / kPackColumns} * c.rows + row + k) * kPackColumns +
                            m % kPackColumns];
          if (w == 0) continue;
          if (!(w - w == 0) || (row_of[m] != 0xffff && row_of[m] != k)) return;
          row_of[m] = static_cast<std::uint16_t>(k);
          used[k] = true;
          alone[m * terms + t] = w;
        }
    }
  }
  // A row without a column would bring its infinities to all.
  if (std::find(used.begin(), used.end(), false) != used.end() ||
      std::find(row_of.begin(), row_of.end(), 0xffff) != row_of.end())
    return;
  packed.row_of = std::move(row_of);
  packed.alone = std::move(alone);
}

/// True when all weights are constants: packed now, or before.
bool pack_constants(Product& p, Packings& packings) {
  if (!std::all_of(p.sum.terms.begin(), p.sum.terms.end(),
                   [](const Term& t) { return bool(t.weights.constant); }))
    return false;
  auto& packed = packings[key_of(p)];
  const bool known = packed != nullptr;
  if (!known) packed = std::make_shared<PackedWeights>();
  p.storage = packed;
  if (known) return true;
  packed->values.resize(p.packed);
  packed->finite.resize(p.sum.terms.size());
  pack_terms(p, {}, 0, static_cast<unsigned>(p.sum.terms.size()));
  find_zeros(p, *packed);
  if (packed->sparse) find_alone(p, *packed);
  return true;
}

}  // namespace

void add_product(Plan& plan, Packings& packings, Sum sum, const Eviction& eviction, bool keep) {
  auto p = std::make_shared<Product>();
  p->columns = sum.base.partitions;
  p->blocks = (p->columns + kPackColumns - 1) / kPackColumns;
  p->sum = std::move(sum);
  p->keep = keep;
  p->evictor = evictor_of(eviction, p->sum.base);
  plan_chunks(*p);
  const bool constant = pack_constants(*p, packings);
  plan_panels(*p);
  double work = 0;
  for (const Term& t : p->sum.terms) work += t.weights.rows * p->columns;
  if (!constant) {
    if (!plan.packed) plan.packed = std::make_shared<PackedWeights>();
    if (plan.packed->values.size() < p->packed) plan.packed->values.resize(p->packed);
    if (plan.packed->finite.size() < p->sum.terms.size())
      plan.packed->finite.resize(p->sum.terms.size());
    p->storage = plan.packed;
    plan.kernels.push_back({[p](const Memory& m, Worker&, unsigned begin, unsigned end) {
                              pack_terms(*p, m, begin, end);
                            },
                            static_cast<unsigned>(p->sum.terms.size()), work / 8});
  }
  plan.kernels.push_back({[p](const Memory& m, Worker& w, unsigned begin, unsigned end) {
                            run_panels(*p, m, w, begin, end);
                          },
                          static_cast<unsigned>(p->panels.size()), work * p->sum.base.count / 100});
}

}  // namespace neuron::sim

// SPDX-License-Identifier: Apache-2.0
#include "compile/ops/tiles.h"

#include <algorithm>

namespace neuron::compile {
namespace {

constexpr std::int64_t kTileElements = 4096;  // of a partition: 16 KiB rows are near DMA's best

/// Loops over the elements of the result, outermost first, with a step for each operand. Neighbours
/// that all operands walk alike have been joined.
struct Nest {
  struct Level {
    std::int64_t count = 1;
    std::vector<std::int64_t> steps;  ///< elements; 0 where an operand repeats; last: the result
  };
  std::vector<Level> levels;
};

Nest nest_of(const Shape& out, const std::vector<Operand>& operands) {
  Nest nest;
  std::vector<std::int64_t> strides(operands.size() + 1, 1);
  for (std::size_t back = 1; back <= out.size(); ++back) {
    Nest::Level level;
    level.count = out[out.size() - back];
    for (std::size_t o = 0; o <= operands.size(); ++o) {
      const Shape& s = o < operands.size() ? operands[o].shape : out;
      const std::int64_t n = back <= s.size() ? s[s.size() - back] : 1;
      level.steps.push_back(n == 1 && level.count != 1 ? 0 : strides[o]);
      strides[o] *= n;
    }
    if (level.count == 1) continue;
    if (!nest.levels.empty()) {
      Nest::Level& inner = nest.levels.front();
      bool joins = true;
      for (std::size_t o = 0; o <= operands.size(); ++o)
        joins &= level.steps[o] == inner.steps[o] * inner.count;
      if (joins) {
        inner.count *= level.count;
        continue;
      }
    }
    nest.levels.insert(nest.levels.begin(), std::move(level));
  }
  if (nest.levels.empty())
    nest.levels.push_back({1, std::vector<std::int64_t>(operands.size() + 1, 1)});
  return nest;
}

/// One tile: the level on partitions, the levels in each partition, innermost first.
struct Cut {
  Nest::Level partitions;
  std::vector<Nest::Level> inside;
};

class Elementwise {
 public:
  Elementwise(Lowering& in, ValueId out, const std::vector<Operand>& operands,
              const Compute& compute)
      : in_(in), out_(out), operands_(operands), compute_(compute) {}

  Result<> run() {
    for (const Operand& o : operands_) {
      auto place = TRY(in_.device(o.id));
      places_.push_back(place);
      types_.push_back(engine_type(in_.graph.value(o.id).type));
    }
    places_.push_back(in_.define_device(out_));
    types_.push_back(engine_type(in_.graph.value(out_).type));
    Nest nest = nest_of(in_.graph.value(out_).shape, operands_);
    const std::vector<std::int64_t> origin(places_.size(), 0);
    if (nest.levels.size() == 1) return flat(nest.levels[0]);
    return split(nest, origin);
  }

 private:
  /// One long row: as many columns as fill 128 partitions, then what is left over.
  Result<> flat(const Nest::Level& level) {
    const std::int64_t each = level.count / isa::kPartitions;
    std::vector<std::int64_t> at(places_.size(), 0);
    if (each > 0) {
      Nest::Level rows{isa::kPartitions, level.steps}, columns{each, level.steps};
      for (std::int64_t& s : rows.steps) s *= each;
      TRY(chunks({rows, {columns}}, at));
      for (std::size_t o = 0; o < at.size(); ++o) at[o] = level.steps[o] * each * isa::kPartitions;
    }
    const std::int64_t left = level.count - each * isa::kPartitions;
    if (left == 0) return {};
    return chunks({{1, level.steps}, {{left, level.steps}}}, at);
  }

  /// The level with the most rows goes on partitions, what fits goes inside, the rest are loops.
  Result<> split(const Nest& nest, std::vector<std::int64_t> at) {
    const std::size_t last = nest.levels.size() - 1;
    std::size_t pick = last - 1;
    for (std::size_t l = last; l-- > 0;)
      if (std::min<std::int64_t>(nest.levels[l].count, isa::kPartitions) >
          std::min<std::int64_t>(nest.levels[pick].count, isa::kPartitions))
        pick = l;
    Cut cut{nest.levels[pick], {nest.levels[last]}};
    std::vector<Nest::Level> outer;
    std::int64_t size = nest.levels[last].count;
    for (std::size_t l = last; l-- > 0;) {
      if (l == pick) continue;
      const bool inside = cut.inside.size() < 3 && size * nest.levels[l].count <= kTileElements;
      if (inside) size *= nest.levels[l].count;
      (inside ? cut.inside : outer).push_back(nest.levels[l]);
    }
    return loops(cut, outer, at);
  }

  Result<> loops(const Cut& cut, const std::vector<Nest::Level>& outer,
                 std::vector<std::int64_t> at) {
    std::vector<std::int64_t> index(outer.size(), 0);
    for (;;) {
      std::vector<std::int64_t> here = at;
      for (std::size_t l = 0; l < outer.size(); ++l)
        for (std::size_t o = 0; o < here.size(); ++o) here[o] += index[l] * outer[l].steps[o];
      TRY(chunks(cut, here));
      std::size_t l = 0;
      while (l < outer.size() && ++index[l] == outer[l].count) index[l++] = 0;
      if (l == outer.size()) return {};
    }
  }

  /// At most 128 partitions and kTileElements columns at a time.
  Result<> chunks(const Cut& cut, const std::vector<std::int64_t>& at) {
    std::int64_t others = 1;
    for (std::size_t l = 1; l < cut.inside.size(); ++l) others *= cut.inside[l].count;
    const std::int64_t columns = std::max<std::int64_t>(1, kTileElements / others);
    for (std::int64_t p = 0; p < cut.partitions.count; p += isa::kPartitions)
      for (std::int64_t c = 0; c < cut.inside[0].count; c += columns) {
        Cut part = cut;
        part.partitions.count = std::min<std::int64_t>(isa::kPartitions, cut.partitions.count - p);
        part.inside[0].count = std::min(columns, cut.inside[0].count - c);
        std::vector<std::int64_t> here = at;
        for (std::size_t o = 0; o < here.size(); ++o)
          here[o] += p * cut.partitions.steps[o] + c * cut.inside[0].steps[o];
        TRY(one(part, here));
      }
    return {};
  }

  /// The view of operand `o` of a tile, and the move that fills it from HBM or, reversed, empties
  /// it.
  std::pair<View, Move> window(const Cut& cut, std::size_t o, std::uint32_t address,
                               std::int64_t at) const {
    const auto size = static_cast<std::int64_t>(size_of(types_[o]));
    Move m{{places_[o].variable, places_[o].offset + at * size}, {kLocal, address}, size, {}};
    std::vector<Dim> dims;
    std::int64_t packed = 1;
    for (const Nest::Level& l : cut.inside) {
      const bool repeats = l.steps[o] == 0;
      dims.push_back({l.count, repeats ? 0 : packed});
      if (repeats) continue;
      if (l.steps[o] == packed && m.loops.empty())
        m.run *= l.count;
      else
        m.loops.push_back({l.count, l.steps[o] * size, packed * size});
      packed *= l.count;
    }
    m.loops.push_back(
        {cut.partitions.count, cut.partitions.steps[o] * size, isa::kPartitionStride});
    View v = grid(address, static_cast<int>(cut.partitions.count), dims);
    v.type = types_[o];
    return {v, m};
  }

  Result<> one(const Cut& cut, const std::vector<std::int64_t>& at) {
    std::int64_t elements = 1;
    for (const Nest::Level& l : cut.inside) elements *= l.count;
    std::vector<Tile> tiles;
    std::vector<View> views;
    std::vector<Move> loads;
    for (std::size_t o = 0; o < places_.size(); ++o) {
      auto tile = TRY(in_.tile(elements * static_cast<std::int64_t>(size_of(types_[o]))));
      tiles.push_back(tile);
      auto [view, move] = window(cut, o, address_of(tiles[o]), at[o]);
      views.push_back(view);
      loads.push_back(std::move(move));
    }
    const View dst = views.back();
    Move out = std::move(loads.back());
    views.pop_back();
    loads.pop_back();
    in_.kernel.load(std::move(loads));
    TRY(compute_(dst, views));
    std::swap(out.from, out.to);
    for (Loop& l : out.loops) std::swap(l.from, l.to);
    in_.kernel.store({std::move(out)});
    return {};
  }

  Lowering& in_;
  ValueId out_;
  const std::vector<Operand>& operands_;
  const Compute& compute_;
  std::vector<Place> places_;  ///< of the operands, then of the result
  std::vector<DType> types_;
};

/// The same on matrices that are on chip: nothing is loaded but what is missing there.
class RowElementwise {
 public:
  RowElementwise(Lowering& in, ValueId out, const std::vector<Operand>& operands,
                 const Compute& compute)
      : in_(in), out_(out), operands_(operands), compute_(compute) {}

  /// False, with nothing done, where an operand has no place beside the rows.
  Result<bool> run() {
    const Shape& shape = in_.graph.value(out_).shape;
    if (in_.graph.value(out_).type != DType::Float32 || !row_form(shape)) return false;
    bool any = false;
    for (const Operand& o : operands_) {
      if (in_.graph.value(o.id).type != DType::Float32) return false;
      any |= o.shape == shape && in_.rows(o.id);
      if (o.shape != shape && !is_row(o.shape, shape)) return false;
    }
    if (!any) return false;
    const auto y = TRY(in_.make_rows(shape));
    if (!y) return false;
    for (const Operand& o : operands_) {
      const bool ready = TRY(bring(o, shape));
      if (!ready) return false;
    }
    TRY(compute_all(*y));
    in_.define_rows(out_, *y);
    return true;
  }

 private:
  /// One number, or one for each column.
  static bool is_row(const Shape& s, const Shape& out) {
    const std::int64_t count = count_of(s);
    return count == 1 || (!s.empty() && s.back() == count && count == out.back());
  }

  struct Source {
    std::optional<RowBlocks> rows;
    Tile row;
    bool single = false;
  };
  Result<bool> bring(const Operand& o, const Shape& shape) {
    Source s;
    if (o.shape == shape) {
      s.rows = TRY(in_.load_rows(o.id));
      if (!s.rows) return false;
    } else {
      s.single = count_of(o.shape) == 1;
      s.row = TRY(in_.spread_row(o.id, count_of(o.shape)));
    }
    sources_.push_back(std::move(s));
    return true;
  }

  View view(const Source& s, const RowForm& form, std::size_t block, std::int64_t blocks) const {
    const int rows = static_cast<int>(form.rows);
    if (s.rows) return line(s.rows->address(block), rows, blocks * form.columns);
    return grid(address_of(s.row), rows, {{form.columns, s.single ? 0 : 1}, {blocks, 0}});
  }

  /// All blocks at once where every operand has them one behind the other.
  Result<> compute_all(const RowBlocks& y) {
    bool dense = y.is_dense();
    for (const Source& s : sources_) dense &= !s.rows || s.rows->is_dense();
    const std::int64_t step = dense ? y.form.blocks : 1;
    for (std::int64_t b = 0; b < y.form.blocks; b += step) {
      const auto block = static_cast<std::size_t>(b);
      std::vector<View> views;
      for (const Source& s : sources_) views.push_back(view(s, y.form, block, step));
      TRY(compute_(line(y.address(block), static_cast<int>(y.form.rows), step * y.form.columns),
                   views));
    }
    return {};
  }

  Lowering& in_;
  ValueId out_;
  const std::vector<Operand>& operands_;
  const Compute& compute_;
  std::vector<Source> sources_;
};

}  // namespace

DType engine_type(DType type) {
  switch (type) {
    case DType::Bool:
      return DType::UInt8;
    case DType::Float32r:
    case DType::Fp8E3:
    case DType::Fp8E4:
    case DType::Fp8E5:
      return DType::Unknown;
    default:
      return type;
  }
}

Result<> elementwise(Lowering& in, ValueId out, const std::vector<Operand>& operands,
                     const Compute& compute) {
  if (count_of(in.graph.value(out).shape) == 0) {
    in.define_device(out);
    return {};
  }
  const bool done = TRY(RowElementwise(in, out, operands, compute).run());
  if (done) return {};
  return Elementwise(in, out, operands, compute).run();
}

std::vector<RowTile> row_tiles(std::int64_t rows, std::int64_t length, std::int64_t most) {
  std::vector<RowTile> out;
  const std::int64_t cap = std::max<std::int64_t>(1, most / std::max<std::int64_t>(1, length));
  for (std::int64_t at = 0; at < rows;) {
    RowTile t{at, 0, std::clamp<std::int64_t>((rows - at) / isa::kPartitions, 1, cap)};
    t.partitions = static_cast<int>(std::min<std::int64_t>(isa::kPartitions, (rows - at) / t.each));
    out.push_back(t);
    at += t.each * t.partitions;
  }
  return out;
}

}  // namespace neuron::compile

// SPDX-License-Identifier: Apache-2.0
#include "sim/plan/rows.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <numeric>

#include "base/numbers.h"
#include "sim/arithmetic.h"
#include "sim/plan/pieces.h"
#include "sim/plan/planes.h"
#include "sim/plan/region.h"

namespace neuron::sim {
namespace {

constexpr std::size_t kSegment = 2048;  ///< elements at a time: three rows stay in the first cache

/// One operand in one segment of its row.
struct Operand {
  View view;
  std::vector<Pieces> segments;

  explicit Operand(const View& v, std::size_t most = kSegment) : Operand(v, offsets_of(v), most) {}
  Operand(const View& v, const std::vector<std::int32_t>& offsets, std::size_t most = kSegment)
      : view(v) {
    std::vector<std::int32_t> columns(offsets.size());
    std::iota(columns.begin(), columns.end(), 0);
    for (std::size_t at = 0; at < offsets.size(); at += most) {
      const std::size_t count = std::min(most, offsets.size() - at);
      const std::vector<std::int32_t> part(
          offsets.begin() + static_cast<std::ptrdiff_t>(at),
          offsets.begin() + static_cast<std::ptrdiff_t>(at + count));
      columns.resize(count);
      segments.push_back(pieces_of(part, columns, 0, static_cast<std::int32_t>(count), view.size));
    }
  }
  bool in_place(std::size_t segment) const {
    return view.type == DType::Float32 && view.at % alignof(float) == 0 &&
           segments[segment].single();
  }
  /// The segment as floats: where it lies, or gathered into `scratch`.
  const float* read(const Memory& m, unsigned p, std::size_t segment, float* scratch) const {
    if (in_place(segment))
      return reinterpret_cast<const float*>(m.core + row_start(view, p) +
                                            segments[segment].runs[0].from);
    load_rows(m.core, view, p, 1, segments[segment], scratch, 0);
    return scratch;
  }
  float* target(const Memory& m, unsigned p, std::size_t segment, float* scratch) const {
    if (!in_place(segment)) return scratch;
    return reinterpret_cast<float*>(m.core + row_start(view, p) + segments[segment].runs[0].from);
  }
  void write(const Memory& m, unsigned p, std::size_t segment, const float* values) const {
    if (!in_place(segment)) store_rows(m.core, view, p, 1, segments[segment], values, 0);
  }
};

bool same_elements(const View& a, const View& b) {
  return a.at == b.at && a.size == b.size && a.steps == b.steps && a.nums == b.nums;
}
/// Segment after segment gives the same as row after row.
bool separate(const View& from, const View& to) {
  return same_elements(from, to) || !region_of(from).overlaps(region_of(to));
}
bool separate(std::uint32_t scalar, DType type, const View& to) {
  return !region_of_scalar(scalar, type, to.partitions).overlaps(region_of(to));
}

struct Scratch {
  float *a, *b, *out;
  explicit Scratch(Worker& w) {
    w.values.resize(std::max(w.values.size(), 3 * kSegment));
    a = w.values.data(), b = a + kSegment, out = b + kSegment;
  }
};
std::size_t length_of(const View& v, std::size_t segment) {
  return std::min<std::size_t>(kSegment, v.count - segment * kSegment);
}

/// dst = compute(src, the row's number, scratch) for one source; `compute` writes to its last
/// argument.
template <class Compute>
Kernel unary(const View& src, const View& dst, Compute compute) {
  auto from = std::make_shared<const Operand>(src), to = std::make_shared<const Operand>(dst);
  Kernel k;
  k.units = dst.partitions;
  k.cost = dst.count * static_cast<double>(dst.partitions) / 8;
  k.run = [=](const Memory& m, Worker& w, unsigned begin, unsigned end) {
    const Scratch s(w);
    for (unsigned p = begin; p < end; ++p)
      for (std::size_t i = 0; i < to->segments.size(); ++i) {
        const std::size_t n = length_of(to->view, i);
        const float* a = from->read(m, p, i, s.a);
        float* out = to->target(m, p, i, s.out);
        compute(m, p, std::span<const float>(a, n), std::span<float>(out, n));
        to->write(m, p, i, out);
      }
  };
  return k;
}

float scalar_at(const Memory& m, std::uint32_t at, DType type, unsigned p) {
  return load_as_float({m.core + at + std::size_t{p} * isa::kPartitionStride, size_of(type)}, 0,
                       type);
}

}  // namespace

Kernel row_kernel(const bound::tensor_tensor& op) {
  if (op.op == isa::Alu::AddInteger) return {};  // words wrap, float32 does not
  if (!separate(op.lhs, op.dst) || !separate(op.rhs, op.dst)) return {};
  auto a = std::make_shared<const Operand>(op.lhs), b = std::make_shared<const Operand>(op.rhs),
       to = std::make_shared<const Operand>(op.dst);
  Kernel k;
  k.units = op.dst.partitions;
  k.cost = op.dst.count * static_cast<double>(op.dst.partitions) / 6;
  k.run = [=, alu = op.op](const Memory& m, Worker& w, unsigned begin, unsigned end) {
    const Scratch s(w);
    for (unsigned p = begin; p < end; ++p)
      for (std::size_t i = 0; i < to->segments.size(); ++i) {
        const std::size_t n = length_of(to->view, i);
        float* out = to->target(m, p, i, s.out);
        apply(alu, {a->read(m, p, i, s.a), n}, {b->read(m, p, i, s.b), n}, {out, n});
        to->write(m, p, i, out);
      }
  };
  return k;
}

namespace {
void compute(const bound::tensor_scalar& op, const Memory& m, unsigned p, std::span<const float> in,
             std::span<float> out) {
  const float first = op.operand0_is_address ? scalar_at(m, op.operand0, DType::Float32, p)
                                             : std::bit_cast<float>(op.operand0);
  apply(op.op0, first, op.op1, std::bit_cast<float>(op.operand1), in, out);
}
}  // namespace

Kernel row_kernel(const bound::tensor_scalar& op) {
  if (!separate(op.src, op.dst)) return {};
  if (op.operand0_is_address && !separate(op.operand0, DType::Float32, op.dst)) return {};
  return unary(op.src, op.dst, [&op](const Memory& m, unsigned p, auto in, auto out) {
    compute(op, m, p, in, out);
  });
}
void compute_row(const bound::tensor_scalar& op, const Memory& m, unsigned row, float* out) {
  const auto* in = reinterpret_cast<const float*>(m.core + row_start(op.src, row));
  compute(op, m, row, {in, op.src.count}, {out, op.src.count});
}

Kernel row_kernel(const bound::activate& op) {
  const auto scale_at = std::bit_cast<std::uint32_t>(op.scale);
  if (!separate(op.src, op.dst)) return {};
  if (!op.bias_is_value && !separate(op.bias, op.bias_type, op.dst)) return {};
  if (op.scale_is_address && !separate(scale_at, DType::Float32, op.dst)) return {};
  return unary(op.src, op.dst, [in = op, scale_at](const Memory& m, unsigned p, auto a, auto out) {
    const float scale = in.scale_is_address ? scalar_at(m, scale_at, DType::Float32, p) : in.scale;
    const float bias =
        in.bias_is_value ? std::bit_cast<float>(in.bias) : scalar_at(m, in.bias, in.bias_type, p);
    apply(in.function, a, scale, bias, out);
  });
}

Kernel row_kernel(const bound::reciprocal& op) {
  if (!separate(op.src, op.dst)) return {};
  return unary(op.src, op.dst, [](const Memory&, unsigned, auto a, auto out) {
    std::transform(a.begin(), a.end(), out.begin(), [](float x) { return 1 / x; });
  });
}

Kernel row_kernel(const bound::cast& op) {
  if (!separate(op.src, op.dst)) return {};
  return unary(op.src, op.dst, [](const Memory&, unsigned, auto a, auto out) {
    std::copy(a.begin(), a.end(), out.begin());
  });
}

Kernel row_kernel(const bound::copy& op) {
  // Bits of other types are no numbers of float32.
  if (op.src.type == op.dst.type && op.src.type != DType::Float32) return {};
  if (!separate(op.src, op.dst)) return {};
  return unary(op.src, op.dst, [](const Memory&, unsigned, auto a, auto out) {
    std::memmove(out.data(), a.data(), a.size_bytes());
  });
}

Kernel row_kernel(const bound::memset& op) {
  if (op.dst.type != DType::Float32) return {};
  auto to = std::make_shared<const Operand>(op.dst);
  Kernel k;
  k.units = op.dst.partitions;
  k.cost = op.dst.count * static_cast<double>(op.dst.partitions) / 16;
  k.run = [to, value = std::bit_cast<float>(op.value)](const Memory& m, Worker& w, unsigned begin,
                                                       unsigned end) {
    const Scratch s(w);
    std::fill_n(s.out, kSegment, value);
    for (const Pieces& segment : to->segments)
      store_rows(m.core, to->view, begin, end - begin, segment, s.out, 0);
  };
  return k;
}

namespace {

/// The elements of a reduction: the j-th of all results at once, for each j.
struct Folded {
  std::vector<Operand> slices;
  std::shared_ptr<const Operand> to;
  isa::Alu op;
  bool negate;

  void run(const Memory& m, Worker& w, unsigned begin, unsigned end) const {
    const Scratch s(w);
    for (unsigned p = begin; p < end; ++p)
      for (std::size_t i = 0; i < to->segments.size(); ++i) {
        const std::size_t n = length_of(to->view, i);
        const std::span<float> sum(s.out, n);
        std::memcpy(s.out, slices[0].read(m, p, i, s.a), n * sizeof(float));
        for (std::size_t j = 1; j < slices.size(); ++j)
          apply(op, sum, {slices[j].read(m, p, i, s.a), n}, sum);
        if (negate) std::transform(sum.begin(), sum.end(), sum.begin(), std::negate<>());
        float* out = to->target(m, p, i, s.out);
        if (out != s.out) std::memcpy(out, s.out, n * sizeof(float));
        to->write(m, p, i, out);
      }
  }
};

std::shared_ptr<const Folded> folded_of(const bound::tensor_reduce& op) {
  const std::size_t length = op.src.count / op.dst.count;
  const auto all = offsets_of(op.src);
  auto folded = std::make_shared<Folded>();
  folded->to = std::make_shared<const Operand>(op.dst);
  folded->op = op.op;
  folded->negate = op.negate;
  for (std::size_t j = 0; j < length; ++j) {
    std::vector<std::int32_t> slice;
    for (std::size_t i = j; i < all.size(); i += length) slice.push_back(all[i]);
    folded->slices.emplace_back(op.src, slice);
  }
  return folded;
}

/// The same where windows are a few columns of a few rows of floats, read where they lie.
struct Pooled {
  static constexpr std::size_t kMostRows = 8;  ///< of a window

  View from;
  Operand to;
  Pool op;
  bool negate;
  std::uint32_t width, rows;  ///< of results: columns of a row, and rows in a segment
  std::int64_t row;           ///< bytes from what a row of results reads to what the next one does
  unsigned columns, step;     ///< of a window
  std::vector<std::int32_t> first;  ///< bytes where the rows of the first window begin

  /// One partition; false when it has to be done otherwise.
  bool run(const Memory& m, Worker& w, unsigned p) const {
    const Scratch s(w);
    std::array<const float*, kMostRows> at;
    const std::byte* source = m.core + row_start(from, p);
    for (std::size_t i = 0; i < to.segments.size(); ++i, source += rows * row) {
      const std::size_t n = std::min<std::size_t>(rows * width, to.view.count - i * rows * width);
      float* const out = to.target(m, p, i, s.out);
      for (std::size_t r = 0; r < first.size(); ++r)
        at[r] = reinterpret_cast<const float*>(source + first[r]);
      const PoolArguments all{{at.data(), first.size()},
                              columns,
                              step,
                              row / static_cast<std::int64_t>(sizeof(float)),
                              out,
                              width,
                              n / width};
      if (!tile_kernels().pool[static_cast<int>(op)](all)) return false;
      if (negate) std::transform(out, out + n, out, std::negate<>());
      to.write(m, p, i, out);
    }
    return true;
  }
};

/// Nothing if windows are not like that.
std::shared_ptr<const Pooled> pooled_of(const bound::tensor_reduce& op, const Grid& grid) {
  constexpr std::int32_t kFloat = sizeof(float);
  const auto& first = grid.first;
  const auto in_floats = [](std::int32_t bytes) { return bytes % kFloat == 0; };
  if ((op.op != isa::Alu::Max && op.op != isa::Alu::Add) || op.src.type != DType::Float32 ||
      !in_floats(static_cast<std::int32_t>(op.src.at % kFloat)) || !in_floats(grid.row) ||
      !in_floats(grid.column) || !std::ranges::all_of(first, in_floats) || grid.width < kLanes ||
      grid.width > kSegment || op.dst.count % grid.width != 0)
    return nullptr;
  std::size_t columns = 1;
  const auto within = [&](std::size_t i) { return static_cast<std::int32_t>(i) * kFloat; };
  while (columns < first.size() && first[columns] == first[0] + within(columns)) ++columns;
  std::vector<std::int32_t> rows;
  for (std::size_t i = 0; i < first.size(); ++i) {
    if (i % columns == 0) rows.push_back(first[i]);
    if (first[i] != rows.back() + within(i % columns)) return nullptr;
  }
  const std::int32_t step = grid.column / kFloat;
  if (first.size() % columns != 0 || rows.size() > Pooled::kMostRows || columns > 3 || step < 1 ||
      step > 2)
    return nullptr;
  const std::uint32_t most = kSegment / grid.width;
  return std::make_shared<const Pooled>(Pooled{
      op.src, Operand(op.dst, std::size_t{most} * grid.width),
      op.op == isa::Alu::Max ? Pool::Max : Pool::Add, op.negate != 0, grid.width, most, grid.row,
      static_cast<unsigned>(columns), static_cast<unsigned>(step), std::move(rows)});
}

/// The same where windows share elements: each is brought once.
struct Windows {
  struct Part {
    Pieces in, out;
    std::vector<std::uint32_t> shifts;  ///< of each element of a window
    std::size_t floats, count;          ///< of the planes; from the first place to the last one
  };
  View from, to;
  std::vector<Part> parts;
  isa::Alu op;
  bool negate;

  void run(const Memory& m, Worker& w, unsigned begin, unsigned end) const {
    for (unsigned p = begin; p < end; ++p)
      for (const Part& part : parts) {
        w.values.resize(std::max(w.values.size(), part.floats + part.count));
        float* planes = w.values.data();
        load_rows(m.core, from, p, 1, part.in, planes, 0);
        const auto read = [&](std::size_t i) {
          return std::span<const float>(planes + part.shifts[i], part.count);
        };
        const std::span<float> sum(planes + part.floats, part.count);
        apply(op, read(0), read(1), sum);
        for (std::size_t i = 2; i < part.shifts.size(); ++i) apply(op, sum, read(i), sum);
        if (negate) std::transform(sum.begin(), sum.end(), sum.begin(), std::negate<>());
        store_rows(m.core, to, p, 1, part.out, sum.data(), 0);
      }
  }
};

/// What each element of a window (first index) is, for each result.
Table windows_table(const bound::tensor_reduce& op) {
  const std::uint32_t count = op.dst.count, length = op.src.count / count;
  const auto all = offsets_of(op.src);
  Table table(length, std::vector<std::int32_t>(count));
  for (std::uint32_t n = 0; n < count; ++n)
    for (std::uint32_t i = 0; i < length; ++i) table[i][n] = all[n * length + i];
  return table;
}

/// Nothing if windows share too little.
std::shared_ptr<const Windows> windows_of(const bound::tensor_reduce& op, const Table& table,
                                          const std::optional<Grid>& grid) {
  constexpr std::uint32_t kMost = 2048;  ///< columns of a part
  const auto count = static_cast<std::uint32_t>(table[0].size());
  const std::size_t length = table.size();
  const auto results = offsets_of(op.dst);
  if (!grid || length < 4 || grid->width > kMost) return nullptr;
  const auto spots = spots_of(*grid, op.src.size);
  auto windows = std::make_shared<Windows>(Windows{op.src, op.dst, {}, op.op, op.negate != 0});
  const std::uint32_t most = kMost / grid->width * grid->width;
  for (std::uint32_t begin = 0, end; begin < count; begin = end) {
    end = std::min(count, begin + most);
    const Layout layout(*grid, spots, begin, end);
    if (layout.floats * 3 >= length * (end - begin) * 2) return nullptr;
    auto in = pieces_of(layout, spots, table, begin, end, op.src.size);
    if (!in) return nullptr;
    std::vector<std::int32_t> offsets, places;
    for (std::uint32_t n = begin; n < end; ++n) {
      offsets.push_back(results[n]);
      places.push_back(static_cast<std::int32_t>(layout.place(n)));
    }
    Windows::Part part{std::move(*in), {}, {}, layout.floats, layout.place(end - 1) + 1};
    part.out = pieces_of(offsets, places, 0, static_cast<std::int32_t>(part.count), op.dst.size);
    for (const Spot& s : spots) part.shifts.push_back(layout.shift(s));
    windows->parts.push_back(std::move(part));
  }
  return windows;
}

/// Long sums of few elements: those of eight partitions at a time.
struct LongFolded {
  static constexpr unsigned kRows = std::tuple_size_v<EightRows>;
  Operand from, to;
  isa::Alu op;
  bool negate;

  /// Partitions from `p` on; there are `count` of them, at most eight.
  void run(const Memory& m, float* scratch, unsigned p, unsigned count) const {
    const std::size_t sums = to.view.count, length = from.view.count / sums;
    float* out = scratch + kRows * from.view.count;
    EightRows rows;
    for (unsigned r = 0; r < kRows; ++r)
      rows[r] = r < count ? from.read(m, p + r, 0, scratch + r * from.view.count) : rows[0];
    for (std::size_t i = 0; i < sums; ++i) {
      std::array<float, kRows> folded;
      fold(op, rows, length, folded);
      for (unsigned r = 0; r < kRows; ++r) {
        out[r * sums + i] = negate ? -folded[r] : folded[r];
        rows[r] += length;
      }
    }
    for (unsigned r = 0; r < count; ++r)
      store_rows(m.core, to.view, p + r, 1, to.segments[0], out + r * sums, 0);
  }
};

Kernel long_fold(const bound::tensor_reduce& op) {
  constexpr std::size_t kMost = 8192;  ///< elements of a row, gathered or not
  if (op.src.count > kMost) return {};
  const std::size_t all = LongFolded::kRows * std::size_t{op.src.count + op.dst.count};
  auto folded = std::make_shared<const LongFolded>(
      LongFolded{Operand(op.src, kMost), Operand(op.dst, kMost), op.op, op.negate != 0});
  const unsigned rows = op.dst.partitions;
  Kernel k;
  k.units = (rows + LongFolded::kRows - 1) / LongFolded::kRows;
  k.cost = op.src.count * static_cast<double>(rows) / 2;
  k.run = [folded, rows, all](const Memory& m, Worker& w, unsigned begin, unsigned end) {
    w.values.resize(std::max(w.values.size(), all));
    for (unsigned p = begin * LongFolded::kRows; p < std::min(rows, end * LongFolded::kRows);
         p += LongFolded::kRows)
      folded->run(m, w.values.data(), p, std::min(LongFolded::kRows, rows - p));
  };
  return k;
}

}  // namespace

Kernel row_kernel(const bound::tensor_reduce& op) {
  const std::size_t length = op.src.count / op.dst.count;
  if (region_of(op.src).overlaps(region_of(op.dst))) return {};
  if (length > 32 || length * 2 > op.dst.count) return long_fold(op);
  Kernel k;
  k.units = op.dst.partitions;
  k.cost = op.src.count * static_cast<double>(op.dst.partitions) / 6;
  const Table table = windows_table(op);
  const auto grid = grid_of(table);
  if (const auto windows = windows_of(op, table, grid))
    k.run = [windows](const Memory& m, Worker& w, unsigned begin, unsigned end) {
      windows->run(m, w, begin, end);
    };
  else
    k.run = [folded = folded_of(op)](const Memory& m, Worker& w, unsigned begin, unsigned end) {
      folded->run(m, w, begin, end);
    };
  if (const auto pooled = grid ? pooled_of(op, *grid) : nullptr)
    k.run = [pooled, otherwise = std::move(k.run)](const Memory& m, Worker& w, unsigned begin,
                                                   unsigned end) {
      for (unsigned p = begin; p < end; ++p)
        if (!pooled->run(m, w, p)) otherwise(m, w, p, p + 1);
    };
  return k;
}

}  // namespace neuron::sim

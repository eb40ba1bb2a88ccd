// SPDX-License-Identifier: Apache-2.0
// The same arithmetic as in sim/ops, on tiles.
#include "sim/plan/evict.h"

#include <bit>
#include <numeric>

#include "base/numbers.h"
#include "sim/arithmetic.h"

namespace neuron::sim {
namespace {

constexpr std::size_t kStep = kStripColumns;

/// One number for each row: a value, or read from memory.
struct PerRow {
  bool in_memory = false;
  float value = 0;
  std::uint32_t at = 0;
  DType type = DType::Float32;

  void read(const Memory& m, unsigned rows, float* to) const {
    const std::size_t size = size_of(type);
    for (unsigned r = 0; r < rows; ++r)
      to[r] = in_memory ? load_as_float(
                              {m.core + at + std::size_t{r} * isa::kPartitionStride, size}, 0, type)
                        : value;
  }
};

/// What differs between the instructions.
struct How {
  View dst;
  PerRow a, b;
  std::optional<View> other;
  /// To `out`, which may be `row`; sums are taken as they are without it.
  std::function<void(std::span<const float> row, const float* other, float a, float b, float* out)>
      compute;
};

class TileEvictor final : public Evictor {
 public:
  TileEvictor(How how, unsigned rows) : how_(std::move(how)), rows_(rows) {
    to_ = offsets_of(how_.dst);
    if (how_.other) other_ = offsets_of(*how_.other);
    is_line_ = how_.dst.type == DType::Float32 && how_.dst.at % alignof(float) == 0;
    columns_.resize(to_.size());
    std::iota(columns_.begin(), columns_.end(), 0);
  }
  EvictionPanel panel(std::int32_t begin, std::int32_t end) const override {
    EvictionPanel out;
    out.columns = std::min<std::size_t>(static_cast<std::size_t>(end), to_.size()) -
                  static_cast<std::size_t>(begin);
    out.to = pieces_of(to_, columns_, begin, end, how_.dst.size);
    if (how_.other) out.other = pieces_of(other_, columns_, begin, end, how_.other->size);
    return out;
  }
  void open(const Memory& m, float* scalars) const override {
    how_.a.read(m, rows_, scalars);
    how_.b.read(m, rows_, scalars + kArray);
  }
  void take(const Memory& m, Worker& w, const EvictionPanel& panel, const Taken& t) const override {
    w.values.resize(std::max<std::size_t>(w.values.size(), kArray * kStep));
    float* other = w.values.data();
    if (how_.other) load_rows(m.core, *how_.other, t.first, t.rows, panel.other, other, kStep);
    // Straight to where it belongs, if that is one run.
    const bool direct = how_.compute && is_line_ && panel.to.single(panel.columns);
    for (unsigned r = 0; how_.compute && r < t.rows; ++r) {
      float* row = t.sums + r * kStep;
      float* out = direct ? line_at(m, panel, t.first + r) : row;
      how_.compute({row, panel.columns}, other + r * kStep, t.scalars[t.first + r],
                   t.scalars[kArray + t.first + r], out);
    }
    if (!direct) store_rows(m.core, how_.dst, t.first, t.rows, panel.to, t.sums, kStep);
  }

 private:
  float* line_at(const Memory& m, const EvictionPanel& panel, unsigned row) const {
    return reinterpret_cast<float*>(m.core + row_start(how_.dst, row) + panel.to.runs[0].from);
  }

  How how_;
  unsigned rows_;
  bool is_line_;  ///< floats lie where floats may
  std::vector<std::int32_t> to_, other_, columns_;
};

How how_of(const bound::tensor_scalar& in, const View&) {
  How h;
  h.dst = in.dst;
  h.a = {in.operand0_is_address != 0, std::bit_cast<float>(in.operand0), in.operand0,
         DType::Float32};
  h.compute = [op0 = in.op0, op1 = in.op1, second = std::bit_cast<float>(in.operand1)](
                  std::span<const float> row, const float*, float a, float, float* out) {
    apply(op0, a, op1, second, row, {out, row.size()});
  };
  return h;
}
How how_of(const bound::activate& in, const View&) {
  How h;
  h.dst = in.dst;
  h.a = {in.scale_is_address != 0, in.scale, std::bit_cast<std::uint32_t>(in.scale),
         DType::Float32};
  h.b = {!in.bias_is_value, std::bit_cast<float>(in.bias), in.bias, in.bias_type};
  h.compute = [function = in.function](std::span<const float> row, const float*, float scale,
                                       float bias, float* out) {
    apply(function, row, scale, bias, {out, row.size()});
  };
  return h;
}
How how_of(const bound::copy& in, const View&) {
  How h;
  h.dst = in.dst;
  return h;
}
How how_of(const bound::cast& in, const View&) {
  How h;
  h.dst = in.dst;
  return h;
}
/// The sum is one side.
How how_of(const bound::tensor_tensor& in, const View& sum) {
  How h;
  h.dst = in.dst;
  const bool left = same_place(in.lhs, sum);
  h.other = left ? in.rhs : in.lhs;
  h.compute = [op = in.op, left](std::span<const float> row, const float* other, float, float,
                                 float* out) {
    const std::span<const float> o(other, row.size());
    left ? apply(op, row, o, {out, row.size()}) : apply(op, o, row, {out, row.size()});
  };
  return h;
}
How how_of(std::monostate, const View&) { return {}; }

}  // namespace

std::unique_ptr<Evictor> evictor_of(const Eviction& eviction, const View& sum) {
  if (std::holds_alternative<std::monostate>(eviction)) return nullptr;
  How how = std::visit([&](const auto& in) { return how_of(in, sum); }, eviction);
  return std::make_unique<TileEvictor>(std::move(how), sum.partitions);
}

}  // namespace neuron::sim

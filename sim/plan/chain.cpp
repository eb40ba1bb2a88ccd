// SPDX-License-Identifier: Apache-2.0
// The same arithmetic as in sim/ops, some rows at a time.
#include "sim/plan/chain.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <numeric>

#include "base/numbers.h"
#include "sim/arithmetic.h"
#include "sim/plan/shown.h"

namespace neuron::sim {
namespace {

constexpr unsigned kRows = kTileRows;                   ///< at a time, at most
constexpr std::size_t kFloats = kRows * kStripColumns;  ///< of one result on its way

/// Columns of a result on its way: whole vectors of any host.
std::size_t step_of(std::size_t columns) {
  constexpr std::size_t kWidest = 16;
  return (columns + kWidest - 1) / kWidest * kWidest;
}

/// One number for each row: a value, or read from memory.
struct PerRow {
  bool in_memory = false;
  float value = 0;
  std::uint32_t at = 0;
  DType type = DType::Float32;

  void read(const Memory& m, unsigned begin, unsigned end, float* to) const {
    if (!in_memory) return;
    const std::size_t size = size_of(type);
    for (unsigned r = begin; r < end; ++r)
      to[r] = load_as_float({m.core + at + std::size_t{r} * isa::kPartitionStride, size}, 0, type);
  }
  /// Those of 8 rows, `first` and the next ones.
  const float* of(const float* read, unsigned first, std::array<float, kRows>& own) const {
    if (in_memory) return read + first;
    own.fill(value);
    return own.data();
  }
};

/// What differs between the instructions. `y` is null unless there are two operands.
struct How {
  PerRow a, b;
  std::function<void(Block size, Rows<const float> x, Rows<const float> y, const float* a,
                     const float* b, Rows<float> out)>
      compute;
  bool copies = false;  ///< the result is the operand
};

How how_of(const bound::tensor_scalar& in) {
  How h;
  h.a = {in.operand0_is_address != 0, std::bit_cast<float>(in.operand0), in.operand0,
         DType::Float32};
  h.compute = [op0 = in.op0, op1 = in.op1, second = std::bit_cast<float>(in.operand1)](
                  Block size, auto x, auto, const float* a, const float*, auto out) {
    apply(op0, a, op1, second, size, x, out);
  };
  return h;
}
How how_of(const bound::activate& in) {
  How h;
  h.a = {in.scale_is_address != 0, in.scale, std::bit_cast<std::uint32_t>(in.scale),
         DType::Float32};
  h.b = {!in.bias_is_value, std::bit_cast<float>(in.bias), in.bias, in.bias_type};
  h.compute = [function = in.function](Block size, auto x, auto, const float* scale,
                                       const float* bias,
                                       auto out) { apply(function, scale, bias, size, x, out); };
  return h;
}
How how_of(const bound::reciprocal&) {
  return {{}, {}, [](Block size, auto x, auto, const float*, const float*, auto out) {
            for (; size.rows > 0; --size.rows, x.at += x.step, out.at += out.step)
              std::transform(x.at, x.at + size.columns, out.at, [](float v) { return 1 / v; });
          }};
}
How copied() { return {{}, {}, {}, true}; }
How how_of(const bound::copy&) { return copied(); }
How how_of(const bound::cast&) { return copied(); }
How how_of(const bound::tensor_tensor& in) {
  return {{}, {}, [op = in.op](Block size, auto x, auto y, const float*, const float*, auto out) {
            apply(op, size, x, y, out);
          }};
}

template <class Op>
constexpr bool kHasPair = requires(const Op& op) {
  op.rhs;
};

}  // namespace

std::optional<Elementwise> elementwise_of(const bound::Operation& op) {
  return std::visit(
      [](const auto& in) -> std::optional<Elementwise> {
        if constexpr (std::is_constructible_v<Elementwise, decltype(&in)>)
          return &in;
        else
          return std::nullopt;
      },
      op);
}
const View& result_of(const Elementwise& op) {
  return std::visit([](const auto* in) -> const View& { return in->dst; }, op);
}
std::array<const View*, 2> operands_of(const Elementwise& op) {
  return std::visit(
      [](const auto* in) -> std::array<const View*, 2> {
        if constexpr (kHasPair<std::decay_t<decltype(*in)>>)
          return {&in->lhs, &in->rhs};
        else
          return {&in->src, nullptr};
      },
      op);
}
int side_of(const Elementwise& op, const View& place) {
  const auto operands = operands_of(op);
  const bool left = same_place(*operands[0], place);
  const bool right = operands[1] && same_place(*operands[1], place);
  return left == right ? kNone : left ? 0 : 1;
}
void keep_needed(Links& links, const std::function<bool(const Region&)>& needed) {
  for (std::size_t i = 0; i < links.size(); ++i) {
    const View& result = result_of(links[i].op);
    const auto later = std::span(links).subspan(i + 1);
    const bool read = std::ranges::any_of(later, [&](const Link& l) {
      return l.from[0] == static_cast<int>(i) || l.from[1] == static_cast<int>(i);
    });
    const bool again = std::ranges::any_of(
        later, [&](const Link& l) { return same_place(result_of(l.op), result); });
    links[i].keep = !links[i].passes && !again && (!read || needed(region_of(result)));
  }
}
Link link_of(const Elementwise& op) {
  Link link{op};
  if (operands_of(op)[1]) link.from[1] = kMemory;
  return link;
}
std::string shown(const Elementwise& op) {
  return std::visit([](const auto* in) { return shown(*in); }, op);
}

/// One link with all that is known before it runs.
struct Chain::Step {
  Link link;
  How how;
  std::array<const View*, 3> views;  ///< the operands in memory and the result; null: there is none
  std::array<std::vector<std::int32_t>, 3> offsets;

  explicit Step(const Link& l)
      : link(l), how(std::visit([](const auto* in) { return how_of(*in); }, l.op)) {
    const auto operands = operands_of(l.op);
    for (std::size_t i = 0; i < 2; ++i) views[i] = l.from[i] == kMemory ? operands[i] : nullptr;
    views[2] = &result_of(l.op);
    for (std::size_t i = 0; i < 3; ++i)
      if (views[i]) offsets[i] = offsets_of(*views[i]);
  }

  /// Rows of `columns`. Whole vectors where all that is read and written is on its way, as one row
  /// where these lie close together and need the same numbers.
  void run(Rows<const float> x, Rows<const float> y, Rows<float> out, const Taken& t,
           const float* scalars, std::size_t columns) const {
    const std::size_t width = step_of(columns);
    const auto room = [&](std::size_t step) { return step == width || step == t.step; };
    Block size{t.rows, columns};
    if (room(x.step) && room(out.step) && (!y.at || room(y.step))) size.columns = width;
    if (x.step == width && out.step == width && (!y.at || y.step == width) && !how.a.in_memory &&
        !how.b.in_memory)
      size = {1, t.rows * width};
    std::array<float, kRows> a, b;
    how.compute(size, x, y, how.a.of(scalars, t.first, a), how.b.of(scalars + kArray, t.first, b),
                out);
  }
};

namespace {

/// The rows of a view where they lie, if they are runs of floats.
std::optional<std::pair<float*, std::size_t>> in_place(const Memory& m, const View& v,
                                                       const Pieces& pieces, std::size_t columns,
                                                       unsigned first) {
  if (v.type != DType::Float32 || v.at % alignof(float) != 0 || !pieces.single(columns))
    return std::nullopt;
  return std::pair{reinterpret_cast<float*>(m.core + row_start(v, first) + pieces.runs[0].from),
                   isa::kPartitionStride / sizeof(float)};
}

}  // namespace

Chain::Chain(Links links) {
  for (const Link& link : links) steps_.push_back(std::make_shared<const Step>(link));
}

ChainPanel Chain::panel(std::int32_t begin, std::int32_t end) const {
  ChainPanel out;
  const auto& all = steps_[0]->offsets[2];
  std::vector<std::int32_t> columns(all.size());
  std::iota(columns.begin(), columns.end(), 0);
  out.columns =
      std::min(static_cast<std::size_t>(end), all.size()) - static_cast<std::size_t>(begin);
  for (const auto& step : steps_) {
    auto& pieces = out.links.emplace_back();
    for (std::size_t i = 0; i < 3; ++i)
      if (step->views[i])
        pieces[i] = pieces_of(step->offsets[i], columns, begin, end, step->views[i]->size);
  }
  return out;
}

void Chain::open(const Memory& m, float* scalars, unsigned begin, unsigned end) const {
  for (const auto& step : steps_) {
    step->how.a.read(m, begin, end, scalars);
    step->how.b.read(m, begin, end, scalars + kArray);
    scalars += 2 * kArray;
  }
}

Rows<const float> Chain::operand(const Memory& m, const ChainPanel& panel, const Taken& t,
                                 std::size_t link, std::size_t side,
                                 const Rows<const float>* results, float* scratch) const {
  const Step& step = *steps_[link];
  const int from = step.link.from[side];
  if (from == kNone) return {};
  if (from == kSum) return {t.sums, t.step};
  if (from != kMemory) return results[from];
  const View& view = *step.views[side];
  const Pieces& pieces = panel.links[link][side];
  if (const auto line = in_place(m, view, pieces, panel.columns, t.first))
    return {line->first, line->second};
  const std::size_t width = step_of(panel.columns);
  load_rows(m.core, view, t.first, t.rows, pieces, scratch, width);
  return {scratch, width};
}

void Chain::take(const Memory& m, Worker& w, const ChainPanel& panel, const Taken& t) const {
  if (const Step& only = *steps_[0]; steps_.size() == 1 && only.how.copies && t.sums)
    return store_rows(m.core, *only.views[2], t.first, t.rows, panel.links[0][2], t.sums, t.step);
  if (w.values.size() < 3 * kMostLinks * kFloats) w.values.assign(3 * kMostLinks * kFloats, 0.0f);
  const std::size_t width = step_of(panel.columns);
  std::array<Rows<const float>, kMostLinks> results;
  for (std::size_t i = 0; i < steps_.size(); ++i) {
    const Step& step = *steps_[i];
    const Pieces& pieces = panel.links[i][2];
    float* scratch = w.values.data() + i * 3 * kFloats;
    const Rows<const float> x = operand(m, panel, t, i, 0, results.data(), scratch),
                            y = operand(m, panel, t, i, 1, results.data(), scratch + kFloats);
    // Straight to where it belongs, if rows of floats lie there.
    const auto line = step.link.keep && !step.how.copies
                          ? in_place(m, *step.views[2], pieces, panel.columns, t.first)
                          : std::nullopt;
    const auto [to, to_step] = line.value_or(std::pair{scratch + 2 * kFloats, width});
    results[i] = step.how.copies ? x : Rows<const float>{to, to_step};
    if (!step.how.copies)
      step.run(x, y, {to, to_step}, t, t.scalars + i * 2 * kArray, panel.columns);
    if (step.link.keep && !line)
      store_rows(m.core, *step.views[2], t.first, t.rows, pieces, results[i].at, results[i].step);
  }
}

unsigned rows_at_once(std::size_t columns) {
  return std::clamp(static_cast<unsigned>(kFloats / step_of(columns)), 1u, kRows);
}

Kernel chain_kernel(const Links& links) {
  constexpr std::int32_t kColumns = kFloats;
  const View& view = result_of(links[0].op);
  auto chain = std::make_shared<const Chain>(links);
  auto panels = std::make_shared<std::vector<ChainPanel>>();
  for (std::int32_t at = 0; at < static_cast<std::int32_t>(view.count); at += kColumns)
    panels->push_back(chain->panel(at, at + kColumns));
  const unsigned each = rows_at_once(panels->front().columns), all = view.partitions;
  Kernel k;
  k.units = (all + each - 1) / each;
  k.cost = view.count * static_cast<double>(all) * static_cast<double>(links.size()) / 8;
  k.what = shown(links[0].op);
  for (std::size_t i = 1; i < links.size(); ++i) k.what += ", then " + shown(links[i].op);
  k.run = [=](const Memory& m, Worker& w, unsigned begin, unsigned end) {
    w.scalars.resize(std::max(w.scalars.size(), kScalars));
    const unsigned last = std::min(all, end * each);
    chain->open(m, w.scalars.data(), begin * each, last);
    for (unsigned row = begin * each; row < last; row += each)
      for (const ChainPanel& panel : *panels)
        chain->take(m, w, panel, {nullptr, 0, w.scalars.data(), row, std::min(each, last - row)});
  };
  return k;
}

}  // namespace neuron::sim

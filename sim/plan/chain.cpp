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
    const std::byte* from = m.core + at + std::size_t{begin} * isa::kPartitionStride;
    const std::size_t size = size_of(type);
    for (unsigned r = begin; r < end; ++r, from += isa::kPartitionStride)
      if (type == DType::Float32)
        std::memcpy(to + r, from, sizeof(float));
      else
        to[r] = load_as_float({from, size}, 0, type);
  }
  /// Those of 8 rows, `first` and the next ones.
  const float* of(const float* read, unsigned first, std::array<float, kRows>& own) const {
    if (in_memory) return read + first;
    own.fill(value);
    return own.data();
  }
};

/// What differs between the instructions. `y` has no place unless there are two operands.
struct How {
  PerRow a = {}, b = {};
  void (*compute)(const How& how, Block size, Rows<const float> x, Rows<const float> y,
                  const float* a, const float* b, Rows<float> out) = nullptr;
  isa::Alu op0{}, op1{};
  float second = 0;
  PairLoop pair = nullptr;
  ScalarLoop scalar = nullptr;
  FunctionLoop function = nullptr;
  bool copies() const { return !compute; }  ///< the result is the operand
};

How how_of(const bound::tensor_scalar& in) {
  How h;
  h.a = {in.operand0_is_address != 0, std::bit_cast<float>(in.operand0), in.operand0,
         DType::Float32};
  h.op0 = in.op0;
  h.op1 = in.op1;
  h.second = std::bit_cast<float>(in.operand1);
  h.scalar = loop_of(in.op0, in.op1);
  h.compute = [](const How& how, Block size, auto x, auto, const float* a, const float*, auto out) {
    how.scalar ? how.scalar(a, how.second, size, x, out)
               : apply(how.op0, a, how.op1, how.second, size, x, out);
  };
  return h;
}
How how_of(const bound::activate& in) {
  How h;
  h.a = {in.scale_is_address != 0, in.scale, std::bit_cast<std::uint32_t>(in.scale),
         DType::Float32};
  h.b = {!in.bias_is_value, std::bit_cast<float>(in.bias), in.bias, in.bias_type};
  h.function = loop_of(in.function);
  h.compute = [](const How& how, Block size, auto x, auto, const float* a, const float* b,
                 auto out) { how.function(a, b, size, x, out); };
  return h;
}
How how_of(const bound::reciprocal&) {
  How h;
  h.compute = [](const How&, Block size, auto x, auto, const float*, const float*, auto out) {
    for (; size.rows > 0; --size.rows, x.at += x.step, out.at += out.step)
      std::transform(x.at, x.at + size.columns, out.at, [](float v) { return 1 / v; });
  };
  return h;
}
How how_of(const bound::copy&) { return {}; }
How how_of(const bound::cast&) { return {}; }
How how_of(const bound::tensor_tensor& in) {
  How h;
  h.pair = loop_of(in.op);
  h.compute = [](const How& how, Block size, auto x, auto y, const float*, const float*, auto out) {
    how.pair(size, x, y, out);
  };
  return h;
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
    how.compute(how, size, x, y, how.a.of(scalars, t.first, a),
                how.b.of(scalars + kArray, t.first, b), out);
  }
};

namespace {

const bound::tensor_scalar* scalar_of(const Link& link, isa::Alu op0, isa::Alu op1, int from) {
  const auto* op = std::get_if<const bound::tensor_scalar*>(&link.op);
  return op && (*op)->op0 == op0 && (*op)->op1 == op1 && link.from[0] == from ? *op : nullptr;
}

/// A bias, a line and its bounds, if a chain begins with them.
std::optional<Gate> gate_of(const Links& links) {
  using enum isa::Alu;
  if (links.size() < 3 || links[1].keep || !scalar_of(links[0], Add, Bypass, kSum)) return {};
  const auto *line = scalar_of(links[1], Mult, Add, 0), *bounds = scalar_of(links[2], Max, Min, 1);
  const auto is_value = [](const auto* op) { return op && !op->operand0_is_address; };
  const auto reads_line = [](const Link& l) { return l.from[0] == 1 || l.from[1] == 1; };
  if (!is_value(line) || !is_value(bounds) ||
      std::any_of(links.begin() + 3, links.end(), reads_line))
    return {};
  return Gate{std::bit_cast<float>(line->operand0), std::bit_cast<float>(line->operand1),
              std::bit_cast<float>(bounds->operand0), std::bit_cast<float>(bounds->operand1)};
}
/// Whether the gate is multiplied with what goes into it, and nobody else reads them.
bool multiplies(const Links& links) {
  if (links.size() != 4 || links[0].keep || links[2].keep) return false;
  const auto* op = std::get_if<const bound::tensor_tensor*>(&links[3].op);
  const std::array<int, 2> one{0, 2}, other{2, 0};
  return op && (*op)->op == isa::Alu::Mult && (links[3].from == one || links[3].from == other);
}

}  // namespace

Chain::Chain(Links links) {
  for (const Link& link : links) steps_.push_back(std::make_shared<const Step>(link));
  gate_ = gate_of(links);
  multiplies_ = gate_ && multiplies(links);
}

std::optional<Floor> Chain::floor(const ChainPanel& panel) const {
  const Link& link = steps_[0]->link;
  const auto* op = scalar_of(link, isa::Alu::Add, isa::Alu::Max, kSum);
  const std::size_t line = panel.links[0][2].line;
  if (steps_.size() != 1 || !op || !link.keep || line == ChainView::kScattered) return std::nullopt;
  const float least = steps_[0]->how.second;
  return least == least ? std::optional(Floor{least, line}) : std::nullopt;
}
const float* Chain::biases(const float* scalars, unsigned first,
                           std::array<float, kTileRows>& own) const {
  return steps_[0]->how.a.of(scalars, first, own);
}

ChainPanel Chain::panel(std::int32_t begin, std::int32_t end) const {
  ChainPanel out;
  const auto& all = steps_[0]->offsets[2];
  std::vector<std::int32_t> columns(all.size());
  std::iota(columns.begin(), columns.end(), 0);
  out.columns =
      std::min(static_cast<std::size_t>(end), all.size()) - static_cast<std::size_t>(begin);
  for (const auto& step : steps_) {
    auto& views = out.links.emplace_back();
    for (std::size_t i = 0; i < 3; ++i) {
      const View* v = step->views[i];
      if (!v) continue;
      const Pieces& pieces = views[i].pieces =
          pieces_of(step->offsets[i], columns, begin, end, v->size);
      if (v->type == DType::Float32 && v->at % alignof(float) == 0 && pieces.single(out.columns))
        views[i].line = static_cast<std::size_t>(std::int64_t{v->at} + pieces.runs[0].from);
    }
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

/// Rows on their way through the links.
struct Chain::Way {
  const Memory& m;
  Worker& w;
  const ChainPanel& panel;
  const Taken& t;
  std::size_t width = step_of(panel.columns);
  std::array<Rows<const float>, kMostLinks> results = {};

  Rows<float> line(const ChainView& view) const {
    return {
        reinterpret_cast<float*>(m.core + view.line + t.first * std::size_t{isa::kPartitionStride}),
        isa::kPartitionStride / sizeof(float)};
  }
  /// For an operand (0 or 1) or the result (2) of a link.
  float* scratch(std::size_t link, std::size_t view) const {
    return w.values.data() + (link * 3 + view) * kFloats;
  }
  /// Where a result goes: straight to where it belongs, if rows of floats lie there.
  Rows<float> target(const Step& step, std::size_t i) {
    const ChainView& result = panel.links[i][2];
    const bool there = step.link.keep && result.line != ChainView::kScattered;
    const Rows<float> to = there ? line(result) : Rows<float>{scratch(i, 2), width};
    results[i] = {to.at, to.step};
    return to;
  }
  /// Brings it there otherwise.
  void keep(const Step& step, std::size_t i) const {
    const ChainView& result = panel.links[i][2];
    const bool there = !step.how.copies() && result.line != ChainView::kScattered;
    if (step.link.keep && !there)
      store_rows(m.core, *step.views[2], t.first, t.rows, result.pieces, results[i].at,
                 results[i].step);
  }
};

Rows<const float> Chain::operand(const Way& way, std::size_t link, std::size_t side) const {
  const Step& step = *steps_[link];
  const int from = step.link.from[side];
  if (from == kNone) return {};
  if (from == kSum) return {way.t.sums, way.t.step};
  if (from != kMemory) return way.results[static_cast<std::size_t>(from)];
  const ChainView& view = way.panel.links[link][side];
  if (view.line != ChainView::kScattered) {
    const auto line = way.line(view);
    return {line.at, line.step};
  }
  float* scratch = way.scratch(link, side);
  load_rows(way.m.core, *step.views[side], way.t.first, way.t.rows, view.pieces, scratch,
            way.width);
  return {scratch, way.width};
}

/// Does the links that are a gate; tells how many.
std::size_t Chain::open_gate(const Taken& t, Way& way) const {
  std::array<float, kRows> own;
  const float* bias = steps_[0]->how.a.of(t.scalars, t.first, own);
  const Block size{t.rows, way.panel.columns};
  const Rows<const float> in{t.sums, t.step};
  if (multiplies_) {
    apply(*gate_, bias, size, in, way.target(*steps_[3], 3));
    way.keep(*steps_[3], 3);
    return 4;
  }
  const Rows<float> x = way.target(*steps_[0], 0), y = way.target(*steps_[2], 2);
  apply(*gate_, bias, size, in, x, y);
  way.keep(*steps_[0], 0);
  way.keep(*steps_[2], 2);
  return 3;
}

void Chain::take(const Memory& m, Worker& w, const ChainPanel& panel, const Taken& t) const {
  if (const Step& only = *steps_[0]; steps_.size() == 1 && only.how.copies() && t.sums)
    return store_rows(m.core, *only.views[2], t.first, t.rows, panel.links[0][2].pieces, t.sums,
                      t.step);
  if (w.values.size() < 3 * kMostLinks * kFloats) w.values.assign(3 * kMostLinks * kFloats, 0.0f);
  Way way{m, w, panel, t};
  for (std::size_t i = gate_ ? open_gate(t, way) : 0; i < steps_.size(); ++i) {
    const Step& step = *steps_[i];
    const Rows<const float> x = operand(way, i, 0), y = operand(way, i, 1);
    if (step.how.copies()) {
      way.results[i] = x;
      way.keep(step, i);
      continue;
    }
    const Rows<float> to = way.target(step, i);
    step.run(x, y, to, t, t.scalars + i * 2 * kArray, panel.columns);
    way.keep(step, i);
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

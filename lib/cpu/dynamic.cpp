// SPDX-License-Identifier: Apache-2.0
// Operators whose results have a shape that data tell. Asked for forms, they answer with the
// largest that can be.
#include <map>

#include "cpu/kernels.h"

namespace neuron::cpu {
namespace {

struct Box {
  double y1, x1, y2, x2;
  double area() const { return (y2 - y1) * (x2 - x1); }
};

Box box_of(const std::vector<double>& all, std::size_t at, bool centers) {
  const double* b = &all[at];
  if (centers) return {b[1] - b[3] / 2, b[0] - b[2] / 2, b[1] + b[3] / 2, b[0] + b[2] / 2};
  return {std::min(b[0], b[2]), std::min(b[1], b[3]), std::max(b[0], b[2]), std::max(b[1], b[3])};
}

/// Intersection over union.
double overlap(const Box& a, const Box& b) {
  const double h = std::min(a.y2, b.y2) - std::max(a.y1, b.y1);
  const double w = std::min(a.x2, b.x2) - std::max(a.x1, b.x1);
  if (h <= 0 || w <= 0) return 0;
  return h * w / (a.area() + b.area() - h * w);
}

double scalar(const Step& s, std::size_t input, double fallback) {
  if (!has(s, input)) return fallback;
  const std::vector<double> values = numbers(in(s, input));
  return values.empty() ? fallback : values[0];
}

struct Selection {
  double most, least_overlap, least_score;
  bool scored, centers;
};

/// The boxes of one class that stay, best first.
std::vector<std::size_t> select(const std::vector<double>& boxes, std::size_t first_box,
                                const std::vector<double>& scores, std::size_t first_score,
                                std::size_t count, const Selection& rule) {
  std::vector<std::size_t> order, kept;
  for (std::size_t i = 0; i < count; ++i)
    if (!rule.scored || scores[first_score + i] > rule.least_score) order.push_back(i);
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return scores[first_score + a] > scores[first_score + b];
  });
  for (const std::size_t i : order) {
    if (static_cast<double>(kept.size()) >= rule.most) break;
    const Box box = box_of(boxes, (first_box + i) * 4, rule.centers);
    const bool hidden = std::any_of(kept.begin(), kept.end(), [&](std::size_t k) {
      return overlap(box, box_of(boxes, (first_box + k) * 4, rule.centers)) > rule.least_overlap;
    });
    if (!hidden) kept.push_back(i);
  }
  return kept;
}

/// Equal slabs along an axis: where each kind is first, how often it is there, and the kind of
/// each.
struct Groups {
  Ints first, inverse, count;
};

template <class T>
Groups groups_of(const Operand& x, const Around& a, bool sorted) {
  using Slab = std::vector<T>;
  std::map<Slab, std::size_t> groups;
  std::vector<std::size_t> firsts, group_of(a.size);
  Ints counts;
  std::vector<const Slab*> slabs;
  for (std::size_t k = 0; k < a.size; ++k) {
    Slab slab;
    for (std::size_t o = 0; o < a.outer; ++o)
      for (std::size_t i = 0; i < a.inner; ++i)
        slab.push_back(get<T>(x.bytes, x.type, (o * a.size + k) * a.inner + i));
    const auto [at, is_new] = groups.try_emplace(std::move(slab), firsts.size());
    if (is_new) {
      firsts.push_back(k);
      counts.push_back(0);
      slabs.push_back(&at->first);
    }
    group_of[k] = at->second;
    ++counts[at->second];
  }
  std::vector<std::size_t> order(firsts.size()), rank(firsts.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  if (sorted)
    std::sort(order.begin(), order.end(),
              [&](std::size_t p, std::size_t q) { return *slabs[p] < *slabs[q]; });
  Groups out;
  for (std::size_t i = 0; i < order.size(); ++i) {
    rank[order[i]] = i;
    out.first.push_back(static_cast<std::int64_t>(firsts[order[i]]));
    out.count.push_back(counts[order[i]]);
  }
  for (const std::size_t g : group_of) out.inverse.push_back(static_cast<std::int64_t>(rank[g]));
  return out;
}

void fill(Step& s, std::size_t output, const Ints& values) {
  if (wanted(s, output))
    narrow(values, make(s, output, DType::Int64, {static_cast<std::int64_t>(values.size())}));
}

}  // namespace

void non_zero(Step& s) {
  const Operand& x = in(s, 0);
  const auto rank = static_cast<std::int64_t>(x.shape.size());
  if (s.only_forms) {
    s.open = {{0, 1}};
    make(s, 0, DType::Int64, {rank, static_cast<std::int64_t>(elements(x.shape))});
    return;
  }
  std::vector<std::size_t> found;
  for (std::size_t i = 0; i < elements(x.shape); ++i)
    if (get<double>(x.bytes, x.type, i) != 0) found.push_back(i);
  Tensor& out = make(s, 0, DType::Int64, {rank, static_cast<std::int64_t>(found.size())});
  const Ints own = strides_of(x.shape);
  for (std::size_t d = 0; d < own.size(); ++d)
    for (std::size_t i = 0; i < found.size(); ++i)
      put<std::int64_t>(out.bytes, out.type, d * found.size() + i,
                        static_cast<std::int64_t>(found[i]) / own[d] % x.shape[d]);
}

void compress(Step& s) {
  const Operand &x = in(s, 0), &condition = in(s, 1);
  const bool flat = !has_attribute(s, "axis");
  const Shape shape = flat ? Shape{static_cast<std::int64_t>(elements(x.shape))} : x.shape;
  const std::int64_t axis = flat ? 0 : front(integer(s, "axis", 0), shape.size());
  Shape to = shape;
  std::int64_t& dim = to[static_cast<std::size_t>(axis)];
  const auto listed = static_cast<std::int64_t>(elements(condition.shape));
  if (!condition.known) {
    s.open = {{0, static_cast<std::size_t>(axis)}};
    dim = std::min(dim, listed);
    make(s, 0, x.type, to);
    return;
  }
  std::vector<std::size_t> kept;
  for (std::int64_t i = 0; i < std::min(dim, listed); ++i)
    if (condition.bytes[static_cast<std::size_t>(i)] != std::byte{0})
      kept.push_back(static_cast<std::size_t>(i));
  dim = static_cast<std::int64_t>(kept.size());
  Tensor& out = make(s, 0, x.type, to);
  if (s.only_forms) return;
  const Around a = around(shape, axis);
  std::size_t next = 0;
  for (std::size_t o = 0; o < a.outer; ++o)
    for (const std::size_t k : kept)
      for (std::size_t i = 0; i < a.inner; ++i)
        copy_element(x.bytes, (o * a.size + k) * a.inner + i, out, next++);
}

void unique(Step& s) {
  const Operand& x = in(s, 0);
  const bool flat = !has_attribute(s, "axis");
  const Shape shape = flat ? Shape{static_cast<std::int64_t>(elements(x.shape))} : x.shape;
  const std::int64_t axis = flat ? 0 : front(integer(s, "axis", 0), shape.size());
  const Around a = around(shape, axis);
  if (s.only_forms) {
    s.open = {{0, static_cast<std::size_t>(axis)}, {1, 0}, {3, 0}};
    make(s, 0, x.type, shape);
    for (std::size_t o = 1; o < s.outputs; ++o)
      make(s, o, DType::Int64, {static_cast<std::int64_t>(a.size)});
    return;
  }
  Groups groups;
  in_type(x.type, [&]<class T>(T) { groups = groups_of<T>(x, a, integer(s, "sorted", 1) != 0); });
  Shape to = shape;
  to[static_cast<std::size_t>(axis)] = static_cast<std::int64_t>(groups.first.size());
  Tensor& out = make(s, 0, x.type, to);
  std::size_t next = 0;
  for (std::size_t o = 0; o < a.outer; ++o)
    for (const std::int64_t k : groups.first)
      for (std::size_t i = 0; i < a.inner; ++i)
        copy_element(x.bytes, (o * a.size + static_cast<std::size_t>(k)) * a.inner + i, out,
                     next++);
  fill(s, 1, groups.first);
  fill(s, 2, groups.inverse);
  fill(s, 3, groups.count);
}

void non_max_suppression(Step& s) {
  const Operand &boxes = in(s, 0), &scores = in(s, 1);
  require(boxes.shape.size() == 3 && scores.shape.size() == 3 && boxes.shape[2] == 4 &&
              boxes.shape[1] == scores.shape[2] && boxes.shape[0] == scores.shape[0],
          "boxes [n,m,4] and scores [n,c,m] are expected");
  const std::int64_t batches = scores.shape[0], classes = scores.shape[1], count = scores.shape[2];
  if (s.only_forms) {
    const double most = has(s, 2) && !in(s, 2).known ? static_cast<double>(count) : scalar(s, 2, 0);
    s.open = {{0, 0}};
    make(s, 0, DType::Int64,
         {batches * classes *
              static_cast<std::int64_t>(std::clamp(most, 0.0, static_cast<double>(count))),
          3});
    return;
  }
  const Selection rule{scalar(s, 2, 0), scalar(s, 3, 0), scalar(s, 4, 0), has(s, 4),
                       integer(s, "center_point_box", 0) != 0};
  const std::vector<double> b = widen<double>(boxes), p = widen<double>(scores);
  Ints found;
  for (std::int64_t n = 0; n < batches; ++n)
    for (std::int64_t c = 0; c < classes; ++c)
      for (const std::size_t i : select(b, static_cast<std::size_t>(n * count), p,
                                        static_cast<std::size_t>((n * classes + c) * count),
                                        static_cast<std::size_t>(count), rule))
        found.insert(found.end(), {n, c, static_cast<std::int64_t>(i)});
  narrow(found, make(s, 0, DType::Int64, {static_cast<std::int64_t>(found.size() / 3), 3}));
}

}  // namespace neuron::cpu

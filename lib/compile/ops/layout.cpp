// SPDX-License-Identifier: Apache-2.0
// Operators that only move elements: transfers with other steps, computed by no engine.
#include <algorithm>

#include "compile/ops/lowering.h"

namespace neuron::compile {
namespace {

/// Row-major steps of a shape, in elements.
std::vector<std::int64_t> strides_of(const Shape& shape) {
  std::vector<std::int64_t> out(shape.size(), 1);
  for (std::size_t d = shape.size(); d-- > 1;) out[d - 1] = out[d] * shape[d];
  return out;
}

/// Copies elements of `size` bytes by loops given outermost first, in elements.
struct Dimension {
  std::int64_t count, from, to;
};
Move strided(Place from, Place to, std::int64_t size, const std::vector<Dimension>& dims) {
  Move m{from, to, size, {}};
  for (std::size_t d = dims.size(); d-- > 0;) {
    const Dimension& x = dims[d];
    if (x.count == 1) continue;
    if (m.loops.empty() && x.from * size == m.run && x.to * size == m.run)
      m.run *= x.count;
    else
      m.loops.push_back({x.count, x.from * size, x.to * size});
  }
  // A run of no elements is no move.
  for (const Dimension& x : dims)
    if (x.count == 0) m.run = 0;
  return m;
}

std::int64_t element_bytes(const Lowering& in, ValueId id) {
  return static_cast<std::int64_t>(size_of(in.graph.value(id).type));
}

/// Steps of a feature map's four dimensions in one piece on chip, in elements of 4 bytes.
std::vector<std::int64_t> chip_strides(const Feature& f, const Shape& shape) {
  std::vector<std::int64_t> out = strides_of(shape);
  out[0] = f.s;
  out[1] = isa::kPartitionStride / kWord;
  return out;
}

/// Whether an engine can reach `count` partitions from `start` on.
bool reachable(std::int64_t start, std::int64_t count) {
  return start % (count > 64 ? 128 : count > 32 ? 64 : 32) == 0;
}

/// Copies channels between feature maps of equal n and s: by an engine where it reaches both, else
/// by a transfer.
void copy_channels(Kernel& k, const Feature& from, std::int64_t first, const Feature& to,
                   std::int64_t at, std::int64_t count) {
  std::vector<Move> moves;
  while (count > 0) {
    const std::int64_t a = first % isa::kPartitions, b = at % isa::kPartitions;
    const std::int64_t n = std::min({count, isa::kPartitions - a, isa::kPartitions - b});
    const auto address = [&](const Feature& f, std::int64_t channel) {
      return static_cast<std::uint32_t>(
          f.pieces[static_cast<std::size_t>(channel / isa::kPartitions)].address +
          channel % isa::kPartitions * isa::kPartitionStride);
    };
    const std::uint32_t source = address(from, first), target = address(to, at);
    const std::int64_t elements = from.n * from.s;
    if (reachable(a, n) && reachable(b, n))
      k.copy(k.lighter(elements), line(target, static_cast<int>(n), elements),
             line(source, static_cast<int>(n), elements));
    else
      moves.push_back({{kLocal, source},
                       {kLocal, target},
                       elements * kWord,
                       {{n, isa::kPartitionStride, isa::kPartitionStride}}});
    first += n;
    at += n;
    count -= n;
  }
  k.store(std::move(moves));
}

/// Joins feature maps along their channels without leaving the chip.
Result<bool> concat_on_chip(Lowering& in, const Node& node) {
  const Value& out = output_of(in.graph, node);
  if (int_of(node, "axis", 0) != 1 || out.shape.size() < 3 || out.type != DType::Float32)
    return false;
  for (const auto& input : node.inputs)
    if (!in.on_chip(*input)) return false;
  auto y = TRY(in.make_feature(out.shape));
  if (!y) return false;
  std::int64_t at = 0;
  for (const auto& input : node.inputs) {
    const auto x = TRY(in.resident(*input));
    if (!x) return false;  // moved away to make room
    copy_channels(in.kernel, *x, 0, *y, at, x->c);
    at += x->c;
  }
  in.define_feature(node.outputs[0], *std::move(y));
  return true;
}

/// Takes some channels of a feature map on chip.
Result<bool> slice_on_chip(Lowering& in, const Node& node) {
  const Value& out = output_of(in.graph, node);
  const auto axes_ = ints_of(node, "axes"), steps = ints_of(node, "steps");
  const bool channels = axes_.size() == 1 && axes_[0] == 1 && (steps.empty() || steps[0] == 1);
  if (!channels || out.shape.size() < 3) return false;
  const auto x = TRY(in.resident(*node.inputs[0]));
  if (!x) return false;
  auto y = TRY(in.make_feature(out.shape));
  if (!y) return false;
  copy_channels(in.kernel, *x, ints_of(node, "starts")[0], *y, 0, y->c);
  in.define_feature(node.outputs[0], *std::move(y));
  return true;
}

}  // namespace

Result<> lower_reshape(Lowering& in, const Node& node) {
  return in.alias(*node.inputs[0], node.outputs[0]);
}

Result<> lower_transpose(Lowering& in, const Node& node) {
  const ValueId x = *node.inputs[0];
  if (in.transpose_rows(node)) return {};
  const Shape& shape = in.graph.value(x).shape;
  const std::vector<std::int64_t> perm = ints_of(node, "perm");
  const std::vector<std::int64_t> to = strides_of(output_of(in.graph, node).shape);
  std::vector<Move> moves;
  const auto append = [&](Place from, Place place, const Shape& counts,
                          const std::vector<std::int64_t>& steps) {
    std::vector<Dimension> dims;
    for (std::size_t d = 0; d < perm.size(); ++d) {
      const auto p = static_cast<std::size_t>(perm[d]);
      dims.push_back({counts[p], steps[p], to[d]});
    }
    moves.push_back(strided(from, place, element_bytes(in, x), dims));
  };
  const auto f = TRY(in.resident(x));
  if (!f) {
    const Place from = TRY(in.device(x));
    append(from, in.define_device(node.outputs[0]), shape, strides_of(shape));
  } else {
    const Place place = in.define_device(node.outputs[0]);
    const auto channels =
        static_cast<std::size_t>(std::find(perm.begin(), perm.end(), 1) - perm.begin());
    for (const Piece& p : f->pieces) {
      Shape counts = shape;
      counts[1] = p.count;
      const Place at{place.variable, place.offset + p.first * to[channels] * kWord};
      append({kLocal, p.address}, at, counts, chip_strides(*f, shape));
    }
  }
  in.kernel.store(std::move(moves));
  return {};
}

Result<> lower_concat(Lowering& in, const Node& node) {
  if (TRY(concat_on_chip(in, node))) return {};
  const auto axis = static_cast<std::size_t>(int_of(node, "axis", 0));
  const Shape& out = output_of(in.graph, node).shape;
  const std::vector<std::int64_t> to = strides_of(out);
  const std::int64_t size = element_bytes(in, node.outputs[0]);
  const Place place = in.define_device(node.outputs[0]);
  std::int64_t at = 0;
  for (std::size_t i = 0; i < node.inputs.size(); ++i) {
    const Shape& shape = input_of(in.graph, node, i).shape;
    const Place target{place.variable, place.offset + at * to[axis] * size};
    at += shape[axis];
    const auto move = [&](Place from, Place there, const Shape& counts,
                          const std::vector<std::int64_t>& steps) {
      std::vector<Dimension> dims;
      for (std::size_t d = 0; d < counts.size(); ++d) dims.push_back({counts[d], steps[d], to[d]});
      return strided(from, there, size, dims);
    };
    std::vector<Move> moves;
    const auto f = TRY(in.resident(*node.inputs[i]));
    if (f) {
      for (const Piece& p : f->pieces) {
        Shape counts = shape;
        counts[1] = p.count;
        const Place there{target.variable, target.offset + p.first * to[1] * size};
        moves.push_back(move({kLocal, p.address}, there, counts, chip_strides(*f, shape)));
      }
    } else {
      const Place source = TRY(in.device(*node.inputs[i]));
      moves.push_back(move(source, target, shape, strides_of(shape)));
    }
    in.kernel.store(std::move(moves));
  }
  return {};
}

Result<> lower_slice(Lowering& in, const Node& node) {
  if (TRY(slice_on_chip(in, node))) return {};
  const Shape& shape = input_of(in.graph, node, 0).shape;
  const Shape& out = output_of(in.graph, node).shape;
  const std::vector<std::int64_t> from = strides_of(shape), to = strides_of(out);
  const auto starts = ints_of(node, "starts"), axes_ = ints_of(node, "axes"),
             steps = ints_of(node, "steps");
  Place source = TRY(in.device(*node.inputs[0]));
  const std::int64_t size = element_bytes(in, node.outputs[0]);
  std::vector<Dimension> dims;
  for (std::size_t d = 0; d < shape.size(); ++d) dims.push_back({out[d], from[d], to[d]});
  for (std::size_t a = 0; a < axes_.size(); ++a) {
    const auto d = static_cast<std::size_t>(axes_[a]);
    source.offset += starts[a] * from[d] * size;
    dims[d].from *= a < steps.size() ? steps[a] : 1;
  }
  in.kernel.store({strided(source, in.define_device(node.outputs[0]), size, dims)});
  return {};
}

Result<> lower_expand(Lowering& in, const Node& node) {
  Shape shape = input_of(in.graph, node, 0).shape;
  const Shape& out = output_of(in.graph, node).shape;
  while (shape.size() < out.size()) shape.insert(shape.begin(), 1);
  const std::vector<std::int64_t> from = strides_of(shape), to = strides_of(out);
  const Place source = TRY(in.device(*node.inputs[0]));
  std::vector<Dimension> dims;
  for (std::size_t d = 0; d < out.size(); ++d)
    dims.push_back({out[d], shape[d] == 1 ? 0 : from[d], to[d]});
  in.kernel.store({strided(source, in.define_device(node.outputs[0]),
                           element_bytes(in, node.outputs[0]), dims)});
  return {};
}

Result<> lower_tile(Lowering& in, const Node& node) {
  const Shape& shape = input_of(in.graph, node, 0).shape;
  const Shape& out = output_of(in.graph, node).shape;
  const std::vector<std::int64_t> from = strides_of(shape), to = strides_of(out);
  const Place source = TRY(in.device(*node.inputs[0]));
  std::vector<Dimension> dims;
  for (std::size_t d = 0; d < out.size(); ++d) {
    dims.push_back({out[d] / shape[d], 0, to[d] * shape[d]});
    dims.push_back({shape[d], from[d], to[d]});
  }
  in.kernel.store({strided(source, in.define_device(node.outputs[0]),
                           element_bytes(in, node.outputs[0]), dims)});
  return {};
}

/// The whole result is filled with the value, then the input goes inside.
Result<> lower_pad(Lowering& in, const Node& node) {
  const Shape& shape = input_of(in.graph, node, 0).shape;
  const Shape& out = output_of(in.graph, node).shape;
  const auto pads = ints_of(node, "pads");
  const bool crops = std::any_of(pads.begin(), pads.end(), [](std::int64_t p) { return p < 0; });
  if (string_of(node, "mode", "constant") != "constant" || crops ||
      output_of(in.graph, node).type != DType::Float32)
    return unsupported(node, fmt::format("mode {}", string_of(node, "mode")),
                       "mode constant, pads that do not crop, float32");
  const Place source = TRY(in.device(*node.inputs[0]));
  Place place = in.define_device(node.outputs[0]);
  constexpr std::int64_t kRow = 1024;
  const VariableId value =
      in.constant("padding", {kRow}, std::vector<float>(kRow, float_of(node, "value", 0)));
  const std::int64_t count = count_of(out);
  in.kernel.store({{{value}, place, kRow * kWord, {{count / kRow, 0, kRow * kWord}}},
                   {{value},
                    {place.variable, place.offset + count / kRow * kRow * kWord},
                    count % kRow * kWord,
                    {}}});
  in.next_note(node);
  const std::vector<std::int64_t> from = strides_of(shape), to = strides_of(out);
  std::vector<Dimension> dims;
  for (std::size_t d = 0; d < out.size(); ++d) {
    dims.push_back({shape[d], from[d], to[d]});
    place.offset += pads[d] * to[d] * kWord;
  }
  in.kernel.store({strided(source, place, kWord, dims)});
  return {};
}

Result<> lower_computed_gather(Lowering& in, const Node& node);  // gather.cpp

Result<> lower_gather(Lowering& in, const Node& node) {
  const Value& index = input_of(in.graph, node, 1);
  if (!index.constant) return lower_computed_gather(in, node);
  const Shape& shape = input_of(in.graph, node, 0).shape;
  const auto axis = static_cast<std::size_t>(int_of(node, "axis", 0));
  const std::vector<float> at = in.floats(*node.inputs[1]);
  std::int64_t outer = 1, inner = 1;
  for (std::size_t d = 0; d < shape.size(); ++d) {
    if (d < axis) outer *= shape[d];
    if (d > axis) inner *= shape[d];
  }
  const Place source = TRY(in.device(*node.inputs[0]));
  const Place place = in.define_device(node.outputs[0]);
  const std::int64_t size = element_bytes(in, node.outputs[0]);
  const auto count = static_cast<std::int64_t>(at.size());
  std::vector<Move> moves;
  for (std::int64_t i = 0; i < count;) {
    std::int64_t first = static_cast<std::int64_t>(at[i]), run = 1;
    while (i + run < count && at[i + run] == at[i] + static_cast<float>(run)) ++run;
    if (first < 0) first += shape[axis];
    moves.push_back(strided({source.variable, source.offset + first * inner * size},
                            {place.variable, place.offset + i * inner * size}, size,
                            {{outer, shape[axis] * inner, count * inner}, {run * inner, 1, 1}}));
    i += run;
  }
  in.kernel.store(std::move(moves));
  return {};
}

}  // namespace neuron::compile

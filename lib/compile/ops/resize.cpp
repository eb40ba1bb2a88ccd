// SPDX-License-Identifier: Apache-2.0
// Resizing of images by whole factors: every pixel is repeated by a copy whose source stands still
// in two of its four dimensions.
#include <cmath>

#include "compile/ops/spatial.h"

namespace neuron::compile {
namespace {

/// Whether nearest resizing by `factor` takes pixel o / factor for position o.
bool repeats(const Node& node, std::int64_t factor) {
  const std::string where = string_of(node, "coordinate_transformation_mode", "half_pixel");
  const std::string how = string_of(node, "nearest_mode", "round_prefer_floor");
  if (factor == 1) return true;
  if (where == "asymmetric") return how == "floor" || (factor == 2 && how == "round_prefer_floor");
  return where == "half_pixel" && how.rfind("round", 0) == 0;
}

}  // namespace

Result<> lower_resize(Lowering& in, const Node& node) {
  const Shape& x = input_of(in.graph, node, 0).shape;
  const Shape& y = output_of(in.graph, node).shape;
  const char* nearest = "mode nearest, an image [N,C,H,W] that fits SBUF, whole factors";
  if (x.size() != 4 || x[0] != y[0] || x[1] != y[1] || string_of(node, "mode") != "nearest" ||
      y[2] % x[2] != 0 || y[3] % x[3] != 0)
    return unsupported(node, fmt::format("mode {} of another form", string_of(node, "mode")),
                       nearest);
  const std::int64_t rows = y[2] / x[2], columns = y[3] / x[3];
  if (!repeats(node, rows) || !repeats(node, columns))
    return unsupported(node, "a transformation that does not repeat pixels", nearest);
  const auto source = TRY(in.feature(*node.inputs[0]));
  auto sink = TRY(in.make_feature(y));
  if (!source || !sink) return unsupported(node, "an image larger than SBUF", nearest);
  for (std::size_t p = 0; p < sink->pieces.size(); ++p) {
    const Piece &from = source->pieces[p], &to = sink->pieces[p];
    for (std::int64_t n = 0; n < x[0]; ++n) {
      const auto a = static_cast<std::uint32_t>(from.address + n * source->s * kWord);
      const auto b = static_cast<std::uint32_t>(to.address + n * sink->s * kWord);
      in.kernel.copy(
          in.kernel.lighter(sink->s),
          grid(b, to.count, {{columns, 1}, {x[3], columns}, {rows, y[3]}, {x[2], rows * y[3]}}),
          grid(a, from.count, {{columns, 0}, {x[3], 1}, {rows, 0}, {x[2], x[3]}}));
    }
  }
  in.define_feature(node.outputs[0], *std::move(sink));
  return {};
}

}  // namespace neuron::compile

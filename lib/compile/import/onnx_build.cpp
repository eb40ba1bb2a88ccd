// SPDX-License-Identifier: Apache-2.0
#include "compile/import/onnx_build.h"

#include <algorithm>
#include <numeric>

#include "compile/constants.h"

namespace neuron::compile::onnx {

#define NEURON_EXPANSION(op, min_inputs, max_inputs, function, sentence) Values function(Builder&);
#define NEURON_LATE(op, first, needs, min_inputs, max_inputs, function, sentence) \
  Values function(Builder&);
#include "compile/import/expansions.def"
#undef NEURON_EXPANSION
#undef NEURON_LATE

namespace {

bool clips_integers(const Graph& graph, const Node& node, const ::onnx::NodeProto&) {
  return node.inputs.size() > 1 && input_of(graph, node, 0).type != DType::Float32;
}

std::string word_at(const ::onnx::NodeProto& proto, const char* name) {
  for (const auto& attribute : proto.attribute())
    if (attribute.name() == name) return attribute.s();
  return {};
}

/// Constant padding of float32 that crops nothing is a transfer; everything else is not.
bool pads_otherwise(const Graph& graph, const Node& node, const ::onnx::NodeProto& proto) {
  const std::string mode = word_at(proto, "mode");
  if (!node.inputs.empty() && !mode.empty() && mode != "constant") return true;
  if (node.inputs.size() < 2) return false;
  if ((!mode.empty() && mode != "constant") || input_of(graph, node, 0).type != DType::Float32)
    return true;
  const Value& pads = input_of(graph, node, 1);
  if (!pads.constant || !is_integer(pads.type)) return false;
  const Ints all = integers_of(*pads.constant);
  return std::any_of(all.begin(), all.end(), [](std::int64_t p) { return p < 0; });
}

/// What the lowering of Resize does not do by itself: other modes and places, other axes than rows
/// and columns.
bool resizes_otherwise(const Graph& graph, const Node& node, const ::onnx::NodeProto& proto) {
  const Value& x = input_of(graph, node, 0);
  const std::string mode = word_at(proto, "mode");
  const std::string place = word_at(proto, "coordinate_transformation_mode");
  const std::string aspect = word_at(proto, "keep_aspect_ratio_policy");
  if (mode == "cubic" || place == "tf_crop_and_resize" || place == "half_pixel_symmetric" ||
      place == "tf_half_pixel_for_nn" || (!aspect.empty() && aspect != "stretch") ||
      x.shape.size() != 4 || x.type != DType::Float32)
    return true;
  // An image that does not stay on chip, nor what becomes of it.
  constexpr std::int64_t kMostPixels = 16 * 1024;
  std::int64_t pixels = x.shape[0] * x.shape[2] * x.shape[3] * ((x.shape[1] + 127) / 128);
  double grown = 1;
  for (const auto& input : node.inputs)
    if (input && graph.value(*input).constant && count_of(graph.value(*input).shape) == 4)
      for (std::size_t a = 0; a < 4; ++a) {
        const double size = number_at(*graph.value(*input).constant, a);
        grown *= is_floating(graph.value(*input).type)
                     ? size
                     : size / static_cast<double>(std::max<std::int64_t>(1, x.shape[a]));
      }
  if (pixels > kMostPixels || static_cast<double>(pixels) * grown > kMostPixels) return true;
  for (const auto& attribute : proto.attribute())
    if ((attribute.name() == "antialias" || attribute.name() == "exclude_outside") &&
        attribute.i() != 0)
      return true;
  for (const auto& input : node.inputs)
    if (input && graph.value(*input).constant && count_of(graph.value(*input).shape) == 4) {
      const Tensor& t = *graph.value(*input).constant;
      const bool floats = is_floating(t.type);
      for (std::size_t a = 0; a < 2; ++a)
        if (number_at(t, a) != (floats ? 1.0 : static_cast<double>(x.shape[a]))) return true;
    }
  return false;
}

/// More than two axes, places as a second result, or another type than float32.
bool pools_otherwise(const Graph& graph, const Node& node, const ::onnx::NodeProto& proto) {
  const Value& x = input_of(graph, node, 0);
  // Windows with holes are read from an image that is on chip whole.
  constexpr std::int64_t kMostPixels = 8 * 1024;
  std::int64_t pixels = 1;
  for (std::size_t d = 0; d < x.shape.size(); ++d)
    if (d != 1) pixels *= x.shape[d];
  for (const auto& attribute : proto.attribute())
    if (attribute.name() == "dilations" && pixels > kMostPixels)
      for (std::int64_t d : attribute.ints())
        if (d > 1) return true;
  return x.shape.size() > 4 || node.outputs.size() > 1 || x.type != DType::Float32;
}

/// Whether the usual lowering takes computed weights: of one group.
bool takes_computed(const Graph& graph, const Node& node, const ::onnx::NodeProto& proto) {
  if (node.op != "Conv" || node.inputs.size() < 2) return false;
  if (node.inputs.size() > 2 && node.inputs[2] && !graph.value(*node.inputs[2]).constant)
    return false;
  for (const auto& attribute : proto.attribute())
    if (attribute.name() == "group" && attribute.i() != 1) return false;
  return true;
}

/// More than two axes, another type than float32, or pads that follow from the result. Computed
/// weights of one group have a lowering, those of a transposed one have not.
bool convolves_otherwise(const Graph& graph, const Node& node, const ::onnx::NodeProto& proto) {
  const Value& x = input_of(graph, node, 0);
  const std::string automatic = word_at(proto, "auto_pad");
  bool shaped = node.op == "ConvTranspose" && !automatic.empty() && automatic != "NOTSET";
  for (const auto& attribute : proto.attribute())
    shaped = shaped || (attribute.name() == "output_shape" && attribute.ints_size() > 0);
  bool computed = false;
  for (std::size_t i = 1; i < node.inputs.size(); ++i)
    computed = computed || (node.inputs[i] && !graph.value(*node.inputs[i]).constant);
  return x.shape.size() > 4 || x.type != DType::Float32 || shaped ||
         (computed && !takes_computed(graph, node, proto));
}

/// A computed addend with a factor of its own, or numbers that are not float32.
bool scales_sum(const Graph& graph, const Node& node, const ::onnx::NodeProto& proto) {
  if (node.inputs.empty() || input_of(graph, node, 0).type != DType::Float32) return true;
  for (const auto& attribute : proto.attribute())
    if (attribute.name() == "beta" && attribute.f() != 1)
      return has_input(node, 2) && !input_of(graph, node, 2).constant;
  return false;
}

bool trains_or_masks(const Graph& graph, const Node& node, const ::onnx::NodeProto&) {
  if (node.outputs.size() > 1) return true;
  if (!has_input(node, 2) || !input_of(graph, node, 2).constant) return false;
  const Tensor& training = *input_of(graph, node, 2).constant;
  return count_of(training.shape) == 1 && number_at(training, 0) != 0;
}

constexpr Expansion kExpansions[] = {
#define NEURON_EXPANSION(op, min_inputs, max_inputs, function, sentence) \
  {op, min_inputs, max_inputs, function},
#define NEURON_LATE(...)
#include "compile/import/expansions.def"
#undef NEURON_EXPANSION
#undef NEURON_LATE
};

struct LateRow {
  std::string_view op;
  Late late;
};
constexpr LateRow kLate[] = {
#define NEURON_EXPANSION(...)
#define NEURON_LATE(op, first, needs, min_inputs, max_inputs, function, sentence) \
  {op, {first, needs, {op, min_inputs, max_inputs, function}}},
#include "compile/import/expansions.def"
#undef NEURON_EXPANSION
#undef NEURON_LATE
};

}  // namespace

const Late* find_late(std::string_view op) {
  for (const LateRow& row : kLate)
    if (row.op == op) return &row.late;
  return nullptr;
}

const Expansion* find_expansion(std::string_view op) {
  for (const Expansion& row : kExpansions)
    if (row.op == op) return &row;
  return nullptr;
}

ValueId Builder::in(std::size_t input) {
  if (has(input)) return *node_.inputs[input];
  malformed("input {} is left out", input);
  return scalar(0);
}

const Form* Builder::declared(std::size_t index) const {
  return index < node_.outputs.size() ? declared_(node_.outputs[index]) : nullptr;
}

template <class T>
T Builder::attribute(const char* name, T fallback, const char* kind) {
  const auto at = node_.attributes.find(name);
  if (at == node_.attributes.end()) return fallback;
  if (const T* value = std::get_if<T>(&at->second)) return *value;
  malformed("attribute '{}' is not {}", name, kind);
  return fallback;
}
std::int64_t Builder::integer(const char* name, std::int64_t fallback) {
  return attribute<std::int64_t>(name, fallback, "an integer");
}
float Builder::real(const char* name, float fallback) {
  return attribute<float>(name, fallback, "a float");
}
std::string Builder::text(const char* name, const char* fallback) {
  return attribute<std::string>(name, fallback, "a string");
}
Ints Builder::integers(const char* name) { return attribute<Ints>(name, {}, "a list of integers"); }

std::int64_t Builder::front(std::int64_t axis, std::int64_t rank) {
  auto found = front_axis(axis, static_cast<std::size_t>(rank));
  if (found) return *found;
  stop(found.error());
  return 0;
}

std::int64_t Builder::dim(ValueId v, std::int64_t axis) const {
  const std::int64_t at = axis < 0 ? axis + rank(v) : axis;
  return at < 0 || at >= rank(v) ? 1 : shape(v)[static_cast<std::size_t>(at)];
}

Ints Builder::constant_integers(ValueId v, const char* what) {
  const Value& value = graph.value(v);
  if (value.constant && is_integer(value.type)) return integers_of(*value.constant);
  if (count_of(value.shape) == 0) return {};
  refuse("{} ('{}') is not known when the model is compiled; nearest supported form: a constant",
         what, value.name);
  return {};
}

void Builder::stop(Error error) {
  if (!error_) error_ = std::move(error);
}

Result<Values> Builder::make(const std::string& op, Inputs inputs, Attributes attributes,
                             std::size_t outputs) {
  Node node{op, node_.name, std::move(inputs), {}, std::move(attributes), node_.layer};
  for (std::size_t o = 0; o < outputs; ++o) {
    graph.values.push_back(
        {fmt::format("{}#{}", node_.name, graph.values.size()), DType::Float32, {}, {}});
    node.outputs.push_back({static_cast<std::uint32_t>(graph.values.size() - 1)});
  }
  TRY(infer(graph, node));
  Values made = node.outputs;
  const bool folded = TRY(fold(graph, node, budget_));
  if (!folded) graph.nodes.push_back(std::move(node));
  return made;
}

Values Builder::many(const std::string& op, Inputs inputs, Attributes attributes,
                     std::size_t outputs) {
  if (!error_) {
    auto made = make(op, std::move(inputs), std::move(attributes), outputs);
    if (made) return *made;
    stop(made.error());
  }
  return Values(outputs, scalar(0));
}

ValueId Builder::op(const std::string& op, const Values& inputs, Attributes attributes) {
  return many(op, Inputs(inputs.begin(), inputs.end()), std::move(attributes), 1)[0];
}

ValueId Builder::constant(Tensor tensor) {
  Value value{fmt::format("{}#{}", node_.name, graph.values.size()), tensor.type, tensor.shape,
              std::move(tensor)};
  graph.values.push_back(std::move(value));
  return {static_cast<std::uint32_t>(graph.values.size() - 1)};
}

ValueId Builder::scalar(double value, DType type) { return constant(scalar_of(type, value)); }

ValueId Builder::list(const Ints& values, DType type) {
  Tensor t = make_tensor(type, {static_cast<std::int64_t>(values.size())});
  for (std::size_t i = 0; i < values.size(); ++i)
    is_integer(type) ? store_integer(t, i, values[i])
                     : store_number(t, i, static_cast<double>(values[i]));
  return constant(std::move(t));
}

ValueId Builder::iota(std::int64_t count, DType type, std::int64_t rank, std::int64_t axis) {
  if (auto fits = check_shape({count}); !fits) {
    stop(fits.error());
    count = 1;
  }
  Ints values(static_cast<std::size_t>(count));
  std::iota(values.begin(), values.end(), 0);
  const ValueId flat = list(values, type);
  Shape shape(static_cast<std::size_t>(rank), 1);
  if (axis >= 0 && axis < rank) shape[static_cast<std::size_t>(axis)] = count;
  return rank == 1 ? flat : reshape(flat, shape);
}

ValueId Builder::cast(ValueId v, DType to) {
  return type(v) == to ? v : op("Cast", {v}, {{"to", static_cast<std::int64_t>(to)}});
}

ValueId Builder::reshape(ValueId v, Shape to) {
  if (to == shape(v)) return v;
  return op("Reshape", {v},
            {{"shape", Ints(to.begin(), to.end())}, {"allowzero", std::int64_t{1}}});
}

ValueId Builder::transpose(ValueId v, Ints perm) {
  return std::is_sorted(perm.begin(), perm.end())
             ? v
             : op("Transpose", {v}, {{"perm", std::move(perm)}});
}

ValueId Builder::swap(ValueId v, std::int64_t a, std::int64_t b) {
  Ints perm(shape(v).size());
  if (perm.empty()) return v;
  std::iota(perm.begin(), perm.end(), 0);
  std::swap(perm[static_cast<std::size_t>(front(a, rank(v)))],
            perm[static_cast<std::size_t>(front(b, rank(v)))]);
  return transpose(v, std::move(perm));
}

ValueId Builder::expand(ValueId v, Shape to) {
  return to == shape(v) ? v : op("Expand", {v}, {{"shape", Ints(to.begin(), to.end())}});
}

ValueId Builder::slice(ValueId v, std::int64_t axis, std::int64_t from, std::int64_t to,
                       std::int64_t step) {
  return op(
      "Slice", {v},
      {{"starts", Ints{from}}, {"ends", Ints{to}}, {"axes", Ints{axis}}, {"steps", Ints{step}}});
}

ValueId Builder::concat(const Values& parts, std::int64_t axis) {
  return parts.size() == 1 ? parts[0] : op("Concat", parts, {{"axis", axis}});
}

ValueId Builder::reduce(const char* op_name, ValueId v, Ints axes, bool keep) {
  return op(op_name, {v},
            {{"axes", std::move(axes)}, {"keepdims", static_cast<std::int64_t>(keep)}});
}

ValueId Builder::unsqueeze(ValueId v, std::int64_t axis) {
  Shape to = shape(v);
  to.insert(to.begin() + front(axis, rank(v) + 1), 1);
  return reshape(v, std::move(to));
}

ValueId Builder::squeeze(ValueId v, std::int64_t axis) {
  Shape to = shape(v);
  if (to.empty()) return v;
  to.erase(to.begin() + front(axis, rank(v)));
  return reshape(v, std::move(to));
}

ValueId Builder::gather(ValueId v, ValueId index, std::int64_t axis) {
  return op("Gather", {v, index}, {{"axis", axis}});
}

}  // namespace neuron::compile::onnx

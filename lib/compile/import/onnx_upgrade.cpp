// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <limits>
#include <numeric>

#include "base/stored.h"
#include "compile/attributes.h"
#include "compile/constants.h"
#include "compile/import/onnx_parts.h"

namespace neuron::compile::onnx {
namespace {

struct Step {
  const Graph& graph;
  Node& node;
  std::int64_t opset;
};
using Ints = std::vector<std::int64_t>;

Error needs_constant(const Step& s, std::size_t index) {
  const Operator* row = find_operator(s.node.op);
  return fail(Code::UnsupportedOperator,
              "input {} ('{}') is not known when the model is compiled; nearest supported form: {}",
              index, input_of(s.graph, s.node, index).name, row ? row->form : s.node.op.c_str());
}

// The constant that input `index` holds; null when it is left out.
Result<const Tensor*> constant_at(const Step& s, std::size_t index) {
  if (!has_input(s.node, index)) return nullptr;
  const Value& value = input_of(s.graph, s.node, index);
  if (!value.constant) return needs_constant(s, index);
  return &*value.constant;
}

// Input `index`, when it is there, becomes the attribute `name`, a list of integers.
Result<> take_ints(const Step& s, std::size_t index, const char* name) {
  const Tensor* tensor = TRY(constant_at(s, index));
  if (!tensor) return {};
  if (tensor->shape.size() > 1 || !is_integer(tensor->type))
    return fail(Code::Malformed, "input {} is {} {}, expected a list of integers", index,
                name_of(tensor->type), text_of(tensor->shape));
  s.node.attributes[name] = integers_of(*tensor);
  return {};
}

Result<> take_float(const Step& s, std::size_t index, const char* name) {
  const Tensor* tensor = TRY(constant_at(s, index));
  if (!tensor) return {};
  if (count_of(tensor->shape) != 1)
    return fail(Code::Malformed, "input {} has shape {}, expected one number", index,
                text_of(tensor->shape));
  s.node.attributes[name] = static_cast<float>(number_at(*tensor, 0));
  return {};
}

void keep_inputs(const Step& s, std::size_t count) {
  if (s.node.inputs.size() > count) s.node.inputs.resize(count);
}

std::size_t rank_of(const Step& s) { return input_of(s.graph, s.node, 0).shape.size(); }

Ints all_axes(std::size_t rank) {
  Ints axes(rank);
  std::iota(axes.begin(), axes.end(), 0);
  return axes;
}

Result<> reshape(const Step& s) {
  TRY(take_ints(s, 1, "shape"));
  keep_inputs(s, 1);
  return {};
}
Result<> expand(const Step& s) { return reshape(s); }
Result<> tile(const Step& s) {
  TRY(take_ints(s, 1, "repeats"));
  keep_inputs(s, 1);
  return {};
}

Result<> slice(const Step& s) {
  TRY(take_ints(s, 1, "starts"));
  TRY(take_ints(s, 2, "ends"));
  TRY(take_ints(s, 3, "axes"));
  TRY(take_ints(s, 4, "steps"));
  keep_inputs(s, 1);
  return {};
}

Result<> axes_only(const Step& s) {
  TRY(take_ints(s, 1, "axes"));
  keep_inputs(s, 1);
  return {};
}

Result<> reduce(const Step& s) {
  TRY(axes_only(s));
  const bool keep_all = int_of(s.node, "noop_with_empty_axes", 0) != 0;
  if (ints_of(s.node, "axes").empty())
    s.node.attributes["axes"] = keep_all ? Ints{} : all_axes(rank_of(s));
  s.node.attributes.erase("noop_with_empty_axes");
  return {};
}

Result<> clip(const Step& s) {
  TRY(take_float(s, 1, "min"));
  TRY(take_float(s, 2, "max"));
  keep_inputs(s, 1);
  const float infinity = std::numeric_limits<float>::infinity();
  s.node.attributes.emplace("min", -infinity);
  s.node.attributes.emplace("max", infinity);
  return {};
}

// axes of Pad and Resize (opset 18) name the axes that the other lists speak of.
Result<> pad(const Step& s) {
  TRY(take_ints(s, 1, "pads"));
  TRY(take_float(s, 2, "value"));
  TRY(take_ints(s, 3, "axes"));
  keep_inputs(s, 1);
  const std::string mode = string_of(s.node, "mode");
  if (mode != "constant" && mode != "edge" && mode != "reflect")
    return fail(Code::UnsupportedOperator, "mode '{}' is not supported; nearest supported form: {}",
                mode, find_operator("Pad")->form);
  if (!find_attribute<Ints>(s.node, "axes")) return {};
  const Ints given = ints_of(s.node, "axes"), pads = ints_of(s.node, "pads");
  if (pads.size() != given.size() * 2)
    return fail(Code::Malformed, "{} pads for {} axes", pads.size(), given.size());
  Ints all(rank_of(s) * 2);
  for (std::size_t i = 0; i < given.size(); ++i) {
    const auto rank = static_cast<std::int64_t>(rank_of(s));
    const std::int64_t axis = given[i] < 0 ? given[i] + rank : given[i];
    if (axis < 0 || axis >= rank)
      return fail(Code::Malformed, "axis {} of {} axes", given[i], rank);
    all[static_cast<std::size_t>(axis)] = pads[i];
    all[static_cast<std::size_t>(axis + rank)] = pads[given.size() + i];
  }
  s.node.attributes["pads"] = std::move(all);
  s.node.attributes.erase("axes");
  return {};
}

Result<> dropout(const Step& s) {
  keep_inputs(s, 1);
  return {};
}

// Before opset 13 everything from `axis` on was one axis; passes/softmax.cpp writes that out.
Result<> softmax(const Step& s) {
  if (s.opset >= 13) {
    s.node.attributes.emplace("axis", std::int64_t{-1});
    return {};
  }
  s.node.attributes.emplace("axis", std::int64_t{1});
  const auto rank = static_cast<std::int64_t>(rank_of(s));
  const std::int64_t axis = int_of(s.node, "axis", 1);
  if (axis != -1 && axis != rank - 1) s.node.attributes["coerce_2d"] = std::int64_t{1};
  return {};
}

Result<> batch_norm(const Step& s) {
  if (int_of(s.node, "training_mode", 0) != 0 || int_of(s.node, "spatial", 1) == 0)
    return fail(Code::UnsupportedOperator,
                "training_mode=1 and spatial=0 are not supported; nearest supported form: a model "
                "exported for inference");
  s.node.attributes.erase("training_mode");
  s.node.attributes.erase("spatial");
  return {};
}

Result<> split(const Step& s) {
  TRY(take_ints(s, 1, "split"));
  keep_inputs(s, 1);
  const auto rank = static_cast<std::int64_t>(rank_of(s));
  std::int64_t axis = int_of(s.node, "axis", 0);
  if (axis < 0) axis += rank;
  if (axis < 0 || axis >= rank) return fail(Code::Malformed, "axis {} of {} axes", axis, rank);
  const auto parts = static_cast<std::int64_t>(s.node.outputs.size());
  if (int_of(s.node, "num_outputs", parts) != parts)
    return fail(Code::Malformed, "num_outputs is {}, the node has {}",
                int_of(s.node, "num_outputs", parts), parts);
  s.node.attributes.erase("num_outputs");
  if (find_attribute<Ints>(s.node, "split")) return {};
  const std::int64_t size = input_of(s.graph, s.node, 0).shape[static_cast<std::size_t>(axis)];
  const std::int64_t part = (size + parts - 1) / parts;  // the last one is smaller
  if (part * (parts - 1) > size) return fail(Code::Malformed, "{} in {} parts", size, parts);
  Ints list(s.node.outputs.size(), part);
  list.back() = size - part * (parts - 1);
  s.node.attributes["split"] = std::move(list);
  return {};
}

Result<> transpose(const Step& s) {
  Ints perm = all_axes(rank_of(s));
  s.node.attributes.emplace("perm", Ints(perm.rbegin(), perm.rend()));
  return {};
}

Result<> cast(const Step& s) {
  const std::int64_t to = int_of(s.node, "to", 0);
  const DType type = TRY(dtype_of(to > 0 && to < 1000 ? static_cast<std::int32_t>(to) : 0));
  s.node.attributes["to"] = static_cast<std::int64_t>(type);
  for (const DType t : {type, input_of(s.graph, s.node, 0).type})
    if (stored::holds(t) || t == DType::Fp8E5)
      return fail(Code::UnsupportedOperator, "the NeuronCore has no elements of {}", name_of(t));
  return {};
}

Result<> concat(const Step& s) {
  if (!find_attribute<std::int64_t>(s.node, "axis"))
    return fail(Code::Malformed, "attribute 'axis' is missing");
  return {};
}

Result<> max_pool(const Step& s) {
  if (s.node.outputs.size() > 1)
    return fail(Code::UnsupportedOperator,
                "the second output (indices) is not supported; nearest supported form: {}",
                find_operator("MaxPool")->form);
  return {};
}

Result<> constant_of_shape(const Step& s) {
  const Tensor* value = find_attribute<Tensor>(s.node, "value");
  if (value && count_of(value->shape) != 1)
    return fail(Code::Malformed, "value has {} elements, expected 1", count_of(value->shape));
  return {};
}

Result<> layer_norm(const Step& s) {
  if (s.node.outputs.size() > 1)
    return fail(Code::UnsupportedOperator,
                "mean and deviation as outputs are not supported; nearest supported form: {}",
                find_operator("LayerNormalization")->form);
  return {};
}

Result<> resize_scales(const Step& s, std::size_t index) {
  const Tensor* tensor = TRY(constant_at(s, index));
  if (!tensor || count_of(tensor->shape) == 0) return {};
  std::vector<float> scales;
  for (std::size_t i = 0; i < static_cast<std::size_t>(count_of(tensor->shape)); ++i)
    scales.push_back(static_cast<float>(number_at(*tensor, i)));
  s.node.attributes["scales"] = std::move(scales);
  return {};
}

// Lists that speak of some axes are spread over all; sizes are kept and give the scales.
Result<> spread_resize(const Step& s) {
  const Shape& shape = input_of(s.graph, s.node, 0).shape;
  const auto rank = static_cast<std::int64_t>(shape.size());
  Ints axes = ints_of(s.node, "axes");
  if (axes.empty()) axes = all_axes(shape.size());
  const Ints sizes = ints_of(s.node, "sizes");
  const auto scales = attribute_or<std::vector<float>>(s.node, "scales", {});
  if ((sizes.empty() ? scales.size() : sizes.size()) != axes.size())
    return fail(Code::Malformed, "{} scales and {} sizes for {} axes", scales.size(), sizes.size(),
                axes.size());
  Ints all_sizes = shape;
  std::vector<float> all_scales(shape.size(), 1.0F);
  for (std::size_t i = 0; i < axes.size(); ++i) {
    const std::int64_t front = axes[i] < 0 ? axes[i] + rank : axes[i];
    if (front < 0 || front >= rank) return fail(Code::Malformed, "axis {} of {}", axes[i], rank);
    const auto axis = static_cast<std::size_t>(front);
    if (!sizes.empty()) all_sizes[axis] = sizes[i];
    all_scales[axis] =
        sizes.empty() ? scales[i] : static_cast<float>(sizes[i]) / static_cast<float>(shape[axis]);
  }
  s.node.attributes.erase("axes");
  if (!sizes.empty()) s.node.attributes["sizes"] = std::move(all_sizes);
  s.node.attributes["scales"] = std::move(all_scales);
  return {};
}

Result<> check_resize(const Step& s) {
  const std::string mode = string_of(s.node, "mode", "nearest");
  const std::string place = string_of(s.node, "coordinate_transformation_mode");
  const std::string aspect = string_of(s.node, "keep_aspect_ratio_policy", "stretch");
  const bool known_place = place == "half_pixel" || place == "asymmetric" ||
                           place == "align_corners" || place == "pytorch_half_pixel";
  const bool flags =
      int_of(s.node, "antialias", 0) != 0 || int_of(s.node, "exclude_outside", 0) != 0;
  if ((mode != "nearest" && mode != "linear") || !known_place || flags || aspect != "stretch")
    return fail(Code::UnsupportedOperator,
                "mode '{}', coordinates '{}'{} are not supported; nearest supported form: {}", mode,
                place, flags ? " with antialias or exclude_outside" : "",
                find_operator("Resize")->form);
  for (const char* gone : {"antialias", "exclude_outside", "keep_aspect_ratio_policy"})
    s.node.attributes.erase(gone);
  return {};
}

Result<> resize(const Step& s) {
  if (s.opset < 11) {  // scales only, places counted from corners
    TRY(resize_scales(s, 1));
    s.node.attributes["coordinate_transformation_mode"] = std::string("asymmetric");
    s.node.attributes["nearest_mode"] = std::string("floor");
  } else {
    TRY(resize_scales(s, 2));
    TRY(take_ints(s, 3, "sizes"));
  }
  TRY(check_resize(s));
  TRY(spread_resize(s));
  keep_inputs(s, 1);
  return {};
}

Result<> upsample(const Step& s) {
  if (string_of(s.node, "mode") == "bilinear") s.node.attributes["mode"] = std::string("linear");
  s.node.op = "Resize";
  return resize({s.graph, s.node, 10});
}

const std::map<std::string, Result<> (*)(const Step&)> kUpgrades = {
    {"Reshape", reshape},
    {"Expand", expand},
    {"Tile", tile},
    {"Slice", slice},
    {"Squeeze", axes_only},
    {"Unsqueeze", axes_only},
    {"ReduceMean", reduce},
    {"ReduceSum", reduce},
    {"ReduceMax", reduce},
    {"ReduceMin", reduce},
    {"ReduceProd", reduce},
    {"Clip", clip},
    {"Pad", pad},
    {"Dropout", dropout},
    {"Softmax", softmax},
    {"LogSoftmax", softmax},
    {"BatchNormalization", batch_norm},
    {"LayerNormalization", layer_norm},
    {"Split", split},
    {"Transpose", transpose},
    {"Cast", cast},
    {"Concat", concat},
    {"MaxPool", max_pool},
    {"ConstantOfShape", constant_of_shape},
    {"Resize", resize},
    {"Upsample", upsample},
};

}  // namespace

Result<> upgrade(const Graph& graph, Node& node, std::int64_t opset) {
  const auto at = kUpgrades.find(node.op);
  return at == kUpgrades.end() ? Result<>{} : at->second({graph, node, opset});
}

}  // namespace neuron::compile::onnx

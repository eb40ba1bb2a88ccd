// SPDX-License-Identifier: Apache-2.0
// Operators that look at neighbours, norms and products.
#include <algorithm>
#include <cmath>

#include "compile/import/mxnet/symbol.h"

namespace neuron::compile::mxnet {
namespace {

Ints spatial(Draft& d, const char* name, std::size_t count, std::int64_t fallback) {
  Ints all = tuple_at(d, name);
  if (all.empty()) all.assign(count, fallback);
  if (all.size() != count) {
    d.malformed("'{}' has {} numbers, expected {}", name, all.size(), count);
    all.assign(count, std::max<std::int64_t>(fallback, 1));
  }
  return all;
}

Ints twice(const Ints& list) {
  Ints both = list;
  both.insert(both.end(), list.begin(), list.end());
  return both;
}

void check_layout(Draft& d) {
  const std::string layout = word_at(d, "layout", "NCHW");
  if (layout != "NCW" && layout != "NCHW" && layout != "NCDHW")
    d.refuse("layout {}; supported is NCHW", layout);
}

std::size_t spatial_axes(Draft& d) {
  if (d.rank(d.in(0)) < 3)
    d.malformed("images of shape {}, expected [N,C] and one axis or more",
                text_of(d.shape(d.in(0))));
  return static_cast<std::size_t>(std::max<std::int64_t>(1, d.rank(d.in(0)) - 2));
}

}  // namespace

Values conv(Draft& d, const char* onnx) {
  check_layout(d);
  const std::size_t count = spatial_axes(d);
  return {d.one(onnx, d.node().inputs,
                {{"kernel_shape", spatial(d, "kernel", count, 1)},
                 {"strides", spatial(d, "stride", count, 1)},
                 {"dilations", spatial(d, "dilate", count, 1)},
                 {"pads", twice(spatial(d, "pad", count, 0))},
                 {"group", int_at(d, "num_group", 1)}})};
}

Values deconv(Draft& d, const char* onnx) {
  check_layout(d);
  const std::size_t count = spatial_axes(d);
  const Ints kernel = spatial(d, "kernel", count, 1), strides = spatial(d, "stride", count, 1);
  const Ints dilations = spatial(d, "dilate", count, 1), to = tuple_at(d, "target_shape");
  Ints pad = spatial(d, "pad", count, 0), more = spatial(d, "adj", count, 0);
  if (to.size() == count && std::count(to.begin(), to.end(), 0) == 0)
    for (std::size_t a = 0; a < count; ++a) {
      const std::int64_t size = d.dim(d.in(0), static_cast<std::int64_t>(a) + 2);
      const std::int64_t all = (size - 1) * strides[a] + (kernel[a] - 1) * dilations[a] + 1 - to[a];
      more[a] = all & 1;
      pad[a] = (all + 1) / 2;
    }
  return {d.one(onnx, d.node().inputs,
                {{"kernel_shape", kernel},
                 {"strides", strides},
                 {"dilations", dilations},
                 {"pads", twice(pad)},
                 {"output_padding", more},
                 {"group", int_at(d, "num_group", 1)}})};
}

Values fully_connected(Draft& d, const char*) {
  const ValueId x = d.in(0), weights = d.in(1);
  if (d.rank(weights) != 2)
    d.malformed("weights of shape {}, expected [num_hidden,inputs]", text_of(d.shape(weights)));
  if (d.failed()) return {x};
  if (!flag_at(d, "flatten", true) && d.rank(x) != 2) {
    const ValueId y = d.one("MatMul", {x, d.swap(weights, 0, 1)});
    return {d.has(2) ? d.add(y, d.in(2)) : y};
  }
  const std::int64_t rows = d.rank(x) > 0 ? d.dim(x, 0) : 1;
  Inputs inputs{d.reshape(x, {rows, rows == 0 ? 0 : d.count(x) / rows}), weights};
  if (d.has(2)) inputs.emplace_back(d.in(2));
  return {d.one("Gemm", inputs, {{"transB", std::int64_t{1}}})};
}

namespace {

/// Sum, mean or largest over all pixels.
ValueId pool_all(Draft& d, const std::string& type) {
  const ValueId x = d.in(0);
  if (type == "max") return d.one("GlobalMaxPool", {x});
  const ValueId mean = d.one("GlobalAveragePool", {x});
  if (type == "avg") return mean;
  const std::int64_t channels = std::max<std::int64_t>(1, d.dim(x, 0) * d.dim(x, 1));
  return d.mul(mean, static_cast<double>(d.count(x) / channels));
}

}  // namespace

Values pool(Draft& d, const char*) {
  check_layout(d);
  const std::string type = word_at(d, "pool_type", "max");
  const std::string convention = word_at(d, "pooling_convention", "valid");
  if (type != "max" && type != "avg" && type != "sum")
    d.refuse("pool_type '{}'; supported are max, avg and sum", type);
  if (convention != "valid" && convention != "full")
    d.refuse("pooling_convention '{}'; supported are valid and full", convention);
  const std::size_t count = spatial_axes(d);
  if (flag_at(d, "global_pool", false)) return {pool_all(d, type)};
  const Ints kernel = spatial(d, "kernel", count, 1);
  const bool counts_pads = type == "sum" || flag_at(d, "count_include_pad", true);
  Attributes attributes{{"kernel_shape", kernel},
                        {"strides", spatial(d, "stride", count, 1)},
                        {"pads", twice(spatial(d, "pad", count, 0))},
                        {"ceil_mode", std::int64_t{convention == "full"}}};
  if (type == "max") return {d.one("MaxPool", {d.in(0)}, attributes)};
  if (type == "sum" && convention == "full")
    d.refuse("sums with pooling_convention full; supported is valid");
  attributes["count_include_pad"] = std::int64_t{counts_pads};
  const ValueId mean = d.one("AveragePool", {d.in(0)}, attributes);
  double pixels = 1;
  for (std::int64_t k : kernel) pixels *= static_cast<double>(k);
  return {type == "sum" ? d.mul(mean, pixels) : mean};
}

Values adaptive_pool(Draft& d, const char*) {
  const ValueId x = d.in(0);
  Ints to = tuple_at(d, "output_size");
  if (to.empty()) to = {1, 1};
  if (to.size() == 1) to.push_back(to[0]);
  if (to.size() != 2 || d.rank(x) != 4 || to[0] < 1 || to[1] < 1) {
    d.malformed("{} becomes {}", text_of(d.shape(x)), text_of(to));
    return {x};
  }
  if (to[0] == 1 && to[1] == 1) return {d.one("GlobalAveragePool", {x})};
  const Ints size{d.dim(x, 2), d.dim(x, 3)};
  if (size[0] % to[0] != 0 || size[1] % to[1] != 0) {
    d.refuse("{} pixels become {}; supported are parts of one size", text_of(size), text_of(to));
    return {x};
  }
  const Ints window{size[0] / to[0], size[1] / to[1]};
  return {d.one("AveragePool", {x}, {{"kernel_shape", window}, {"strides", window}})};
}

Values batch_norm(Draft& d, const char*) {
  ValueId x = d.in(0), scale = d.in(1);
  const std::int64_t axis = d.front(int_at(d, "axis", 1), d.rank(x));
  if (flag_at(d, "fix_gamma", true)) scale = d.expand(d.scalar_like(1, scale), d.shape(scale));
  const auto epsilon = static_cast<float>(real_at(d, "eps", 1e-3));
  if (d.rank(x) > 1 && axis != 1) x = d.swap(x, 1, axis);
  ValueId y =
      d.one("BatchNormalization", {x, scale, d.in(2), d.in(3), d.in(4)}, {{"epsilon", epsilon}});
  if (d.rank(x) > 1 && axis != 1) y = d.swap(y, 1, axis);
  return {y, d.in(3), d.in(4)};
}
Values instance_norm(Draft& d, const char*) {
  return {d.one("InstanceNormalization", d.node().inputs,
                {{"epsilon", static_cast<float>(real_at(d, "eps", 1e-3))}})};
}
/// Along one axis.
Values layer_norm(Draft& d, const char*) {
  const auto epsilon = static_cast<float>(real_at(d, "eps", 1e-5));
  const std::int64_t rank = d.rank(d.in(0)), axis = d.front(int_at(d, "axis", -1), rank);
  const bool last = axis == rank - 1;
  const ValueId x = last ? d.in(0) : d.swap(d.in(0), axis, -1);
  const ValueId y = d.one("LayerNormalization", {x, d.in(1), d.in(2)},
                          {{"axis", std::int64_t{-1}}, {"epsilon", epsilon}});
  return {last ? y : d.swap(y, axis, -1)};
}
/// Scale and shift are one a group.
Values group_norm(Draft& d, const char*) {
  const ValueId x = d.in(0);
  const std::int64_t groups = int_at(d, "num_groups", 1), channels = d.dim(x, 1);
  if (groups < 1 || channels % groups != 0 || d.rank(x) < 3) {
    d.malformed("{} channels in {} groups", channels, groups);
    return {x};
  }
  const auto each = [&](ValueId v) {
    if (d.count(v) == channels) return v;
    return d.reshape(d.expand(d.reshape(v, {groups, 1}), {groups, channels / groups}), {channels});
  };
  const Shape split{d.dim(x, 0), groups,
                    d.count(x) / std::max<std::int64_t>(1, d.dim(x, 0) * groups)};
  const ValueId one = d.expand(d.scalar_like(1, x), {groups});
  const ValueId zero = d.expand(d.scalar_like(0, x), {groups});
  const ValueId even = d.reshape(d.one("InstanceNormalization", {d.reshape(x, split), one, zero},
                                       {{"epsilon", static_cast<float>(real_at(d, "eps", 1e-5))}}),
                                 d.shape(x));
  Shape wide(static_cast<std::size_t>(d.rank(x)) - 1, 1);
  wide[0] = channels;
  return {d.add(d.mul(even, d.reshape(each(d.in(1)), wide)), d.reshape(each(d.in(2)), wide))};
}

Values l2_norm(Draft& d, const char*) {
  const ValueId x = d.in(0);
  const std::string mode = word_at(d, "mode", "instance");
  Ints axes;
  for (std::int64_t a = 1; a < d.rank(x); ++a)
    if (mode == "instance" || (mode == "channel") == (a == 1)) axes.push_back(a);
  const ValueId sum = d.one("ReduceSum", {d.mul(x, x), d.list(axes)});
  return {d.div(x, d.one("Sqrt", {d.add(sum, real_at(d, "eps", 1e-10))}))};
}
Values local_norm(Draft& d, const char*) {
  return {d.one("LRN", {d.in(0)},
                {{"size", int_at(d, "nsize", 5)},
                 {"alpha", static_cast<float>(real_at(d, "alpha", 1e-4))},
                 {"beta", static_cast<float>(real_at(d, "beta", 0.75))},
                 {"bias", static_cast<float>(real_at(d, "knorm", 2))}})};
}

Values softmax(Draft& d, const char* onnx) {
  if (flag_at(d, "use_length", false))
    d.refuse("use_length True; supported are softmaxes over all elements");
  const bool minimum = std::string_view(onnx) == "Softmin";
  const double warmth = real_at(d, "temperature", 1) * (minimum ? -1 : 1);
  const ValueId x = warmth == 1 ? d.in(0) : d.div(d.in(0), warmth);
  return {d.one(minimum ? "Softmax" : onnx, {x}, {{"axis", int_at(d, "axis", -1)}})};
}
Values softmax_output(Draft& d, const char*) {
  const ValueId x = d.in(0);
  if (flag_at(d, "multi_output", false))
    return {d.one("Softmax", {x}, {{"axis", std::int64_t{1}}})};
  if (flag_at(d, "preserve_shape", false) || d.rank(x) <= 2)
    return {d.one("Softmax", {x}, {{"axis", std::int64_t{-1}}})};
  const std::int64_t rows = std::max<std::int64_t>(1, d.dim(x, 0));
  const ValueId flat = d.reshape(x, {rows, d.count(x) / rows});
  return {d.reshape(d.one("Softmax", {flat}, {{"axis", std::int64_t{1}}}), d.shape(x))};
}
Values softmax_activation(Draft& d, const char*) {
  const ValueId x = d.in(0);
  if (word_at(d, "mode", "instance") == "channel" || d.rank(x) <= 2)
    return {d.one("Softmax", {x}, {{"axis", std::int64_t{1}}})};
  const std::int64_t rows = std::max<std::int64_t>(1, d.dim(x, 0));
  const ValueId flat = d.reshape(x, {rows, d.count(x) / rows});
  return {d.reshape(d.one("Softmax", {flat}, {{"axis", std::int64_t{1}}}), d.shape(x))};
}

static ValueId resized(Draft& d, ValueId x, std::int64_t rows, std::int64_t columns,
                       const char* mode, const char* place) {
  const ValueId to = d.list({d.dim(x, 0), d.dim(x, 1), rows, columns});
  Attributes attributes{{"mode", std::string(mode)},
                        {"coordinate_transformation_mode", std::string(place)}};
  if (std::string_view(mode) == "nearest") attributes["nearest_mode"] = std::string("floor");
  return d.one("Resize", {x, std::nullopt, std::nullopt, to}, attributes);
}

Values up_sampling(Draft& d, const char*) {
  const ValueId x = d.in(0);
  const std::int64_t scale = int_at(d, "scale", 1);
  const std::string type = word_at(d, "sample_type", "nearest");
  if (d.rank(x) != 4 || scale < 1 || scale > 64) {
    d.malformed("images of shape {} and scale {}", text_of(d.shape(x)), scale);
    return {x};
  }
  if (type == "bilinear") {  // a deconvolution of each channel with the weights that are given
    if (d.inputs() != 2) d.malformed("{} inputs, expected images and weights", d.inputs());
    const std::int64_t edge = scale / 2;
    return {
        d.one("ConvTranspose", {x, d.in(1)},
              {{"strides", Ints{scale, scale}}, {"pads", Ints(4, edge)}, {"group", d.dim(x, 1)}})};
  }
  const std::int64_t rows = d.dim(x, 2) * scale, columns = d.dim(x, 3) * scale;
  Values parts;
  for (std::size_t i = 0; i < d.inputs(); ++i)
    parts.push_back(resized(d, d.in(i), rows, columns, "nearest", "asymmetric"));
  if (word_at(d, "multi_input_mode", "concat") != "sum") return {d.concat(parts, 1)};
  return {parts.size() == 1 ? parts[0] : d.one("Sum", Inputs(parts.begin(), parts.end()))};
}

Values bilinear_resize(Draft& d, const char*) {
  const ValueId x = d.in(0);
  const std::string mode = word_at(d, "mode", "size");
  const bool like = mode == "like" && d.has(1);
  if ((mode != "size" && !like) || d.rank(x) != 4)
    d.refuse("mode '{}' of shape {}; supported are size and like of images", mode,
             text_of(d.shape(x)));
  if (d.failed()) return {x};
  const auto size = [&](const char* name, const char* scale, std::int64_t axis) {
    if (like) return d.dim(d.in(1), axis);
    if (!has_at(d, scale)) return int_at(d, name, 1);
    return static_cast<std::int64_t>(real_at(d, scale, 1) * static_cast<double>(d.dim(x, axis)));
  };
  const bool corners = flag_at(d, "align_corners", true);
  return {resized(d, x, size("height", "scale_height", 2), size("width", "scale_width", 3),
                  "linear", corners ? "align_corners" : "half_pixel")};
}

// Products.

Values dot(Draft& d, const char*) {
  const bool turn_a = flag_at(d, "transpose_a", false), turn_b = flag_at(d, "transpose_b", false);
  ValueId a = d.in(0), b = d.in(1);
  if (d.rank(a) > 2 || d.rank(b) > 2) {
    // The last axis of the one with the first of the other.
    if (turn_a || turn_b || d.rank(b) > 2 || d.rank(b) < 1)
      d.refuse("a dot of {} and {}; supported are matrices", text_of(d.shape(a)),
               text_of(d.shape(b)));
    return {d.failed() ? a : d.one("MatMul", {a, b})};
  }
  if (turn_a && d.rank(a) == 2) a = d.swap(a, 0, 1);
  if (turn_b && d.rank(b) == 2) b = d.swap(b, 0, 1);
  return {d.one("MatMul", {a, b})};
}
Values batch_dot(Draft& d, const char*) {
  const ValueId a = d.in(0), b = d.in(1);
  if (d.rank(a) < 2 || d.rank(b) < 2)
    d.malformed("products of {} and {}", text_of(d.shape(a)), text_of(d.shape(b)));
  if (d.failed()) return {a};
  const ValueId y = d.one("MatMul", {flag_at(d, "transpose_a", false) ? d.swap(a, -1, -2) : a,
                                     flag_at(d, "transpose_b", false) ? d.swap(b, -1, -2) : b});
  const double alpha = real_at(d, "alpha", 1);
  return {alpha == 1 ? y : d.mul(y, alpha)};
}

namespace {

/// [L, N, H*3*D] -> one third, [N*H, L, D].
ValueId projection(Draft& d, ValueId x, std::int64_t which, std::int64_t heads) {
  const std::int64_t length = d.dim(x, 0), batch = d.dim(x, 1), width = d.dim(x, 2) / heads / 3;
  const ValueId split = d.reshape(x, {length, batch * heads, 3, width});
  const ValueId part = d.squeeze(d.slice(split, 2, which, which + 1), 2);
  return d.transpose(part, {1, 0, 2});
}
bool splits(Draft& d, ValueId x, std::int64_t heads) {
  if (d.rank(x) == 3 && heads > 0 && d.dim(x, 2) % (3 * heads) == 0) return true;
  d.malformed("{} in {} heads", text_of(d.shape(x)), heads);
  return false;
}

}  // namespace

Values selfatt_qk(Draft& d, const char*) {
  const std::int64_t heads = int_at(d, "heads", 1);
  if (!splits(d, d.in(0), heads)) return {d.in(0)};
  const ValueId q = projection(d, d.in(0), 0, heads), k = projection(d, d.in(0), 1, heads);
  return {d.matmul(d.div(q, std::sqrt(static_cast<double>(d.dim(q, 2)))), d.swap(k, -1, -2))};
}
Values selfatt_valatt(Draft& d, const char*) {
  const std::int64_t heads = int_at(d, "heads", 1);
  const ValueId x = d.in(0);
  if (!splits(d, x, heads)) return {x};
  const ValueId mixed = d.matmul(d.in(1), projection(d, x, 2, heads));  // [N*H, L, D]
  return {d.reshape(d.transpose(mixed, {1, 0, 2}), {d.dim(x, 0), d.dim(x, 1), d.dim(x, 2) / 3})};
}

}  // namespace neuron::compile::mxnet

// SPDX-License-Identifier: Apache-2.0
// Operators that look at neighbours: TensorFlow has channels last, the graph has them second.
#include <algorithm>
#include <numeric>

#include "compile/import/tensorflow/shared.h"

namespace neuron::compile::tensorflow {
namespace {

/// One number for each spatial axis of a list that has one for each axis.
Ints spatial(Draft& d, const Ints& all, std::size_t count) {
  if (all.empty()) return Ints(count, 1);
  if (all.size() != count + 2) {
    d.malformed("{} strides, sizes or dilations, expected {}", all.size(), count + 2);
    return Ints(count, 1);
  }
  const std::size_t first = channels_last(d) ? 1 : 2;
  const std::size_t channel = channels_last(d) ? count + 1 : 1;
  if (all[0] != 1 || all[channel] != 1)
    d.refuse("steps or windows along batch or channels; supported are spatial axes");
  return {all.begin() + static_cast<std::ptrdiff_t>(first),
          all.begin() + static_cast<std::ptrdiff_t>(first + count)};
}

struct Windows {
  Ints kernel, strides, dilations;
};

/// Pads, begins then ends, that `padding` means for images of these sizes.
Ints pads_of(Draft& d, const Windows& w, const Shape& sizes) {
  const std::size_t count = w.kernel.size();
  Ints pads(2 * count, 0);
  const std::string padding = d.text("padding", "VALID");
  if (padding == "EXPLICIT") {
    const Ints given = d.integers("explicit_paddings");
    const std::size_t first = channels_last(d) ? 1 : 2;
    if (given.size() != 2 * (count + 2)) {
      d.malformed("{} explicit_paddings, expected {}", given.size(), 2 * (count + 2));
      return pads;
    }
    for (std::size_t a = 0; a < count; ++a) {
      pads[a] = given[2 * (first + a)];
      pads[a + count] = given[2 * (first + a) + 1];
    }
  } else if (padding == "SAME") {
    for (std::size_t a = 0; a < count; ++a) {
      const std::int64_t steps = (sizes[a] + w.strides[a] - 1) / w.strides[a];
      const std::int64_t reach = (w.kernel[a] - 1) * w.dilations[a] + 1;
      const std::int64_t all =
          std::max<std::int64_t>(0, (steps - 1) * w.strides[a] + reach - sizes[a]);
      pads[a] = all / 2;
      pads[a + count] = all - all / 2;
    }
  } else if (padding != "VALID") {
    d.malformed("padding is '{}'", padding);
  }
  return pads;
}

Shape spatial_of(Draft& d, ValueId second) {
  const Shape shape = d.shape(second);
  return {shape.begin() + std::min<std::ptrdiff_t>(2, static_cast<std::ptrdiff_t>(shape.size())),
          shape.end()};
}

bool check_strides(Draft& d, const Windows& w) {
  for (const Ints* list : {&w.kernel, &w.strides, &w.dilations})
    for (std::int64_t x : *list)
      if (x < 1) {
        d.malformed("a window, step or dilation of {}", x);
        return false;
      }
  return !d.failed();
}

/// Weights [spatial..., I, O] as [O, I, spatial...].
ValueId turn_weights(Draft& d, ValueId w) {
  const std::int64_t rank = d.rank(w);
  Ints perm{rank - 1, rank - 2};
  for (std::int64_t a = 0; a + 2 < rank; ++a) perm.push_back(a);
  return d.transpose(w, perm);
}

}  // namespace

bool channels_last(Draft& d) { return !d.text("data_format", "NHWC").starts_with("NC"); }

ValueId to_second(Draft& d, ValueId v) {
  if (!channels_last(d) || d.rank(v) < 3) return v;
  Ints perm{0, d.rank(v) - 1};
  for (std::int64_t a = 1; a + 1 < d.rank(v); ++a) perm.push_back(a);
  return d.transpose(v, perm);
}

ValueId to_last(Draft& d, ValueId v) {
  if (!channels_last(d) || d.rank(v) < 3) return v;
  Ints perm{0};
  for (std::int64_t a = 2; a < d.rank(v); ++a) perm.push_back(a);
  perm.push_back(1);
  return d.transpose(v, perm);
}

ValueId convolve(Draft& d, ValueId x, ValueId weights, bool depthwise) {
  const std::int64_t rank = d.rank(x);
  if (rank < 3 || d.rank(weights) != rank) {
    d.malformed("images of shape {} and weights of {}", text_of(d.shape(x)),
                text_of(d.shape(weights)));
    return x;
  }
  const auto count = static_cast<std::size_t>(rank - 2);
  const Shape shape = d.shape(weights);
  Windows w{
      {shape.begin(), shape.end() - 2}, spatial(d, d.integers("strides"), count), Ints(count, 1)};
  const Ints dilations = d.integers("dilations");
  w.dilations = dilations.size() == count ? dilations : spatial(d, dilations, count);
  const ValueId images = to_second(d, x);
  if (!check_strides(d, w)) return x;
  const Ints pads = pads_of(d, w, spatial_of(d, images));
  ValueId turned = turn_weights(d, weights);  // [O, I, ...], or [M, C, ...] of one for each channel
  const std::int64_t channels = d.dim(images, 1), into = shape[count];
  if (into < 1 || (depthwise ? channels != into : channels % into != 0)) {
    d.malformed("{} channels, the weights have {}", channels, into);
    return x;
  }
  if (depthwise) {
    Shape flat = d.shape(turned);
    flat[0] *= flat[1];
    flat[1] = 1;
    turned = d.reshape(d.swap(turned, 0, 1), flat);
  }
  const std::int64_t group = depthwise ? channels : channels / into;
  return to_last(d, d.one("Conv", {images, turned},
                          {{"strides", w.strides},
                           {"dilations", w.dilations},
                           {"pads", pads},
                           {"kernel_shape", w.kernel},
                           {"group", group}}));
}

Values conv(Draft& d, const char* onnx) {
  return {convolve(d, d.in(0), d.in(1), std::string_view(onnx) == "Depthwise")};
}

Values fused_conv(Draft& d, const char* onnx) {
  ValueId y = convolve(d, d.in(0), d.in(1), std::string_view(onnx) == "Depthwise");
  for (const std::string& word : words_of(d.text("fused_ops"))) {
    if (word == "BiasAdd")
      y = add_bias(d, y, d.in(2));
    else if (word == "FusedBatchNorm")
      y = normalize(d, y, {d.in(2), d.in(3), d.in(4), d.in(5)});
    else
      y = activate(d, y, word);
  }
  return {y};
}

/// (sizes of the result, weights [spatial..., out, in], images)
Values conv_transpose(Draft& d, const char* onnx) {
  const Ints sizes = d.constant_integers(d.in(0), "shape of the result");
  const std::int64_t rank = d.rank(d.in(2));
  const Shape shape = d.shape(d.in(1));
  if (rank < 3 || static_cast<std::int64_t>(shape.size()) != rank ||
      (sizes.size() != shape.size() && sizes.size() + 2 != shape.size())) {
    d.malformed("images of shape {} and weights of {} for {}", text_of(d.shape(d.in(2))),
                text_of(shape), text_of(sizes));
    return {d.in(2)};
  }
  const auto count = static_cast<std::size_t>(rank - 2);
  const std::size_t first = sizes.size() == count ? 0 : channels_last(d) ? 1 : 2;
  const Shape into(sizes.begin() + static_cast<std::ptrdiff_t>(first),
                   sizes.begin() + static_cast<std::ptrdiff_t>(first + count));
  const Windows w{{shape.begin(), shape.end() - 2},
                  spatial(d, d.integers("strides"), count),
                  spatial(d, d.integers("dilations"), count)};
  if (!check_strides(d, w)) return {d.in(2)};
  const Ints pads = pads_of(d, w, into);
  const ValueId images = to_second(d, d.in(2));
  Ints more(count);
  for (std::size_t a = 0; a < count; ++a)
    more[a] = into[a] - ((spatial_of(d, images)[a] - 1) * w.strides[a] +
                         (w.kernel[a] - 1) * w.dilations[a] + 1 - pads[a] - pads[a + count]);
  return {to_last(d, d.one(onnx, {images, turn_weights(d, d.in(1))},
                           {{"strides", w.strides},
                            {"dilations", w.dilations},
                            {"pads", pads},
                            {"kernel_shape", w.kernel},
                            {"output_padding", more}}))};
}

Values pool(Draft& d, const char* onnx) {
  const ValueId x = d.in(0);
  const auto count = static_cast<std::size_t>(std::max<std::int64_t>(1, d.rank(x) - 2));
  const Ints sizes = d.has(1) ? d.constant_integers(d.in(1), "window") : d.integers("ksize");
  const Ints steps = d.has(2) ? d.constant_integers(d.in(2), "steps") : d.integers("strides");
  const Windows w{spatial(d, sizes, count), spatial(d, steps, count), Ints(count, 1)};
  const ValueId images = to_second(d, x);
  if (!check_strides(d, w)) return {x};
  return {to_last(d, d.one(onnx, {images},
                           {{"kernel_shape", w.kernel},
                            {"strides", w.strides},
                            {"pads", pads_of(d, w, spatial_of(d, images))}}))};
}

ValueId normalize(Draft& d, ValueId x, const Values& parts) {
  const float epsilon = d.real("epsilon", 1e-4F);
  return to_last(
      d, d.one("BatchNormalization", {to_second(d, x), parts[0], parts[1], parts[2], parts[3]},
               {{"epsilon", epsilon}}));
}

Values batch_norm(Draft& d, const char*) {
  const ValueId x = d.in(0);
  ValueId mean = d.in(3), variance = d.in(4);
  if (flag(d, "is_training", true)) {  // by the statistics of what it is given
    Ints axes;
    for (std::int64_t a = 0; a < d.rank(x); ++a)
      if (a != (channels_last(d) ? d.rank(x) - 1 : 1)) axes.push_back(a);
    const ValueId middle = d.reduce("ReduceMean", x, axes);
    const ValueId gap = d.sub(x, middle);
    mean = d.reshape(middle, d.shape(d.in(1)));
    variance = d.reshape(d.reduce("ReduceMean", d.mul(gap, gap), axes), d.shape(d.in(1)));
  }
  ValueId y = normalize(d, x, {d.in(1), d.in(2), mean, variance});
  if (d.has(5)) y = d.add(y, d.in(5));
  const std::string activation = d.text("activation_mode", "Identity");
  if (activation != "Identity") y = activate(d, y, activation);
  return {y, mean, variance, mean, variance, variance};
}

Values local_norm(Draft& d, const char* onnx) {
  const std::int64_t size = 2 * d.integer("depth_radius", 5) + 1;
  return {to_last(d, d.one(onnx, {to_second(d, d.in(0))},
                           {{"size", size},
                            {"bias", d.real("bias", 1)},
                            {"alpha", d.real("alpha", 1) * static_cast<float>(size)},
                            {"beta", d.real("beta", 0.5F)}}))};
}

Values resize(Draft& d, const char* mode) {
  const ValueId images = to_second(d, d.in(0));
  const Ints sizes = d.constant_integers(d.in(1), "size");
  if (d.rank(images) != 4 || sizes.size() != 2) {
    d.malformed("images of shape {} become {}", text_of(d.shape(d.in(0))), text_of(sizes));
    return {images};
  }
  const bool corners = flag(d, "align_corners"), centers = flag(d, "half_pixel_centers");
  const bool nearest = std::string_view(mode) == "nearest";
  std::string place = corners ? "align_corners" : centers ? "half_pixel" : "asymmetric";
  if (nearest && centers) place = "tf_half_pixel_for_nn";
  Attributes attributes{{"mode", std::string(mode)}, {"coordinate_transformation_mode", place}};
  if (nearest) attributes["nearest_mode"] = std::string(corners ? "round_prefer_ceil" : "floor");
  if (std::string_view(mode) == "cubic") {
    attributes["cubic_coeff_a"] = centers ? -0.5F : -0.75F;
    attributes["exclude_outside"] = std::int64_t{centers};
  }
  const ValueId to = d.list({d.dim(images, 0), d.dim(images, 1), sizes[0], sizes[1]});
  return {to_last(d, d.one("Resize", {images, std::nullopt, std::nullopt, to}, attributes))};
}

/// A list of pairs, [axes, 2], as pads: begins then ends, for axes from `first` on.
static Ints pairs_of(Draft& d, ValueId v, std::size_t first, std::size_t rank) {
  const Ints pairs = d.constant_integers(v, "list of pads");
  Ints pads(2 * rank, 0);
  if (first + pairs.size() / 2 > rank) {
    d.malformed("{} pairs of pads for {} axes", pairs.size() / 2, rank);
    return pads;
  }
  for (std::size_t a = 0; a < pairs.size() / 2; ++a) {
    pads[first + a] = pairs[2 * a];
    pads[first + a + rank] = pairs[2 * a + 1];
  }
  return pads;
}

/// Mirrored with the edge itself: by places, one axis after the other.
static ValueId mirror(Draft& d, ValueId x, const Ints& pads) {
  const std::int64_t rank = d.rank(x);
  for (std::int64_t a = 0; a < rank; ++a) {
    const std::int64_t before = pads[static_cast<std::size_t>(a)], size = d.dim(x, a);
    const std::int64_t after = pads[static_cast<std::size_t>(a + rank)];
    if (before == 0 && after == 0) continue;
    if (before < 0 || after < 0 || before > size || after > size) {
      d.malformed("{} and {} pixels mirrored of {}", before, after, size);
      return x;
    }
    Ints places;
    for (std::int64_t i = -before; i < size + after; ++i)
      places.push_back(i < 0 ? -i - 1 : i >= size ? 2 * size - 1 - i : i);
    x = d.gather(x, d.list(places), a);
  }
  return x;
}

Values pad(Draft& d, const char* mode) {
  const ValueId x = d.in(0);
  const Ints pads = pairs_of(d, d.in(1), 0, static_cast<std::size_t>(d.rank(x)));
  const bool mirrored = std::string_view(mode) == "mirror";
  if (mirrored && d.text("mode") == "SYMMETRIC") return {mirror(d, x, pads)};
  Inputs inputs{x, d.list(pads)};
  if (d.has(2)) inputs.emplace_back(d.in(2));
  return {d.one("Pad", inputs, {{"mode", std::string(mirrored ? "reflect" : "constant")}})};
}

/// [N, s*b, ..., rest] -> [b..., N, s, ..., rest] with blocks of b moved into the batch.
Values space_to_batch(Draft& d, const char*) {
  const Ints blocks = d.constant_integers(d.in(1), "shape of blocks");
  const ValueId x = d.in(0);
  const auto rank = static_cast<std::size_t>(d.rank(x)), count = blocks.size();
  const Ints pads = pairs_of(d, d.in(2), 1, rank);
  if (count + 1 > rank || d.failed()) {
    d.malformed("{} axes of blocks for shape {}", count, text_of(d.shape(x)));
    return {x};
  }
  const ValueId padded = d.one("Pad", {x, d.list(pads)});
  const Shape shape = d.shape(padded);
  Shape split{shape[0]}, joined{shape[0]};
  for (std::size_t a = 0; a < count; ++a) {
    if (blocks[a] < 1 || shape[a + 1] % blocks[a] != 0) {
      d.malformed("{} pixels in blocks of {}", shape[a + 1], blocks[a]);
      return {x};
    }
    split.insert(split.end(), {shape[a + 1] / blocks[a], blocks[a]});
    joined[0] *= blocks[a];
    joined.push_back(shape[a + 1] / blocks[a]);
  }
  split.insert(split.end(), shape.begin() + static_cast<std::ptrdiff_t>(count + 1), shape.end());
  joined.insert(joined.end(), shape.begin() + static_cast<std::ptrdiff_t>(count + 1), shape.end());
  Ints perm;
  for (std::size_t a = 0; a < count; ++a) perm.push_back(static_cast<std::int64_t>(2 * a + 2));
  perm.push_back(0);
  for (std::size_t a = 0; a < count; ++a) perm.push_back(static_cast<std::int64_t>(2 * a + 1));
  for (std::size_t a = 2 * count + 1; a < split.size(); ++a)
    perm.push_back(static_cast<std::int64_t>(a));
  return {d.reshape(d.transpose(d.reshape(padded, split), perm), joined)};
}

Values batch_to_space(Draft& d, const char*) {
  const Ints blocks = d.constant_integers(d.in(1), "shape of blocks");
  const ValueId x = d.in(0);
  const auto rank = static_cast<std::size_t>(d.rank(x)), count = blocks.size();
  const Ints crops = pairs_of(d, d.in(2), 1, rank);
  const Shape shape = d.shape(x);
  std::int64_t all = 1;
  for (std::int64_t b : blocks) all *= std::max<std::int64_t>(b, 1);
  if (count + 1 > rank || d.failed() || shape[0] % all != 0) {
    d.malformed("blocks {} for shape {}", text_of(blocks), text_of(shape));
    return {x};
  }
  Shape split(blocks.begin(), blocks.end()), joined{shape[0] / all};
  split.push_back(shape[0] / all);
  split.insert(split.end(), shape.begin() + 1, shape.end());
  Ints perm{static_cast<std::int64_t>(count)};
  for (std::size_t a = 0; a < count; ++a) {
    perm.insert(perm.end(),
                {static_cast<std::int64_t>(count + 1 + a), static_cast<std::int64_t>(a)});
    joined.push_back(shape[a + 1] * blocks[a]);
  }
  joined.insert(joined.end(), shape.begin() + static_cast<std::ptrdiff_t>(count + 1), shape.end());
  for (std::size_t a = 2 * count + 1; a < split.size(); ++a)
    perm.push_back(static_cast<std::int64_t>(a));
  ValueId y = d.reshape(d.transpose(d.reshape(x, split), perm), joined);
  for (std::size_t a = 1; a < rank; ++a)
    if (crops[a] != 0 || crops[a + rank] != 0)
      y = d.slice(y, static_cast<std::int64_t>(a), crops[a],
                  d.dim(y, static_cast<std::int64_t>(a)) - crops[a + rank]);
  return {y};
}

Values depth(Draft& d, const char* onnx) {
  return {to_last(
      d, d.one(onnx, {to_second(d, d.in(0))}, {{"blocksize", d.integer("block_size", 2)}}))};
}

Values softmax(Draft& d, const char* onnx) {
  return {d.one(onnx, {d.in(0)}, {{"axis", std::int64_t{-1}}})};
}

}  // namespace neuron::compile::tensorflow

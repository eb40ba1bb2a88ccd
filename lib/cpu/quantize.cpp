// SPDX-License-Identifier: Apache-2.0
// Quantized tensors of the types that no engine computes with.
#include <limits>
#include <optional>

#include "base/stored.h"
#include "cpu/kernels.h"

namespace neuron::cpu {
namespace {

/// The largest number of a type of 8 bits or fewer that has one, by trying its codes.
double largest(DType type) {
  double most = 0;
  for (unsigned code = 0; code < (1u << stored::bits_of(type)); ++code) {
    const std::byte byte{static_cast<std::uint8_t>(code)};
    const double value = load_as_float({&byte, 1}, 0, type);
    if (std::isfinite(value)) most = std::max(most, value);
  }
  return most;
}

/// A power of two beside `x`, for a type that holds nothing else.
double power_beside(double x, const std::string& mode) {
  if (!(x > 0) || !std::isfinite(x)) return x;
  const double below = std::exp2(std::floor(std::log2(x)));
  if (below == x || mode == "down") return below;
  return mode == "up" || x >= 1.5 * below ? 2 * below : below;
}

/// Where along the axis of scales and zero points an element stands, and which of them it has.
struct Scales {
  Around all{};
  std::size_t block = 1, count = 1;
  std::size_t of(std::size_t element) const {
    if (count == 1) return 0;
    const std::size_t inner = element % all.inner, at = element / all.inner % all.size;
    const std::size_t outer = element / all.inner / all.size, blocks = all.size / block;
    if (count == all.size) return at;
    return (outer * blocks + at / block) * all.inner + inner;
  }
};

Scales scales_of(const Step& s, const Operand& x, const Operand& scale) {
  Scales out;
  out.count = elements(scale.shape);
  if (out.count == 1) return out;
  require(!x.shape.empty(), "one number has several scales");
  const std::int64_t axis = front(integer(s, "axis", 1), x.shape.size());
  out.all = around(x.shape, axis);
  const auto block =
      static_cast<std::size_t>(std::max<std::int64_t>(0, integer(s, "block_size", 0)));
  if (block == 0) {
    require(out.count == out.all.size, "scales do not fit the axis");
    return out;
  }
  require(out.all.size % block == 0 && out.count * block == elements(x.shape),
          "scales do not fit the blocks");
  out.block = block;
  return out;
}

void check_zero(const Step& s, const Scales& scales) {
  if (has(s, 2))
    require(elements(in(s, 2).shape) == scales.count, "zero points are not one a scale");
}

}  // namespace

void round_small(const Step& s, std::vector<double> from, Tensor& to) {
  const bool saturates = integer(s, "saturate", 1) != 0 || to.type == stored::Fp4E2M1;
  const double most = largest(to.type);
  const std::string mode = word(s, "round_mode", "up");
  for (double& x : from) {
    if (to.type == stored::Fp8E8M0) x = power_beside(x, mode);
    if (saturates && !std::isnan(x)) x = std::min(std::max(x, -most), most);
  }
  narrow(from, to);
}

namespace {

/// The numbers of either operator: `values` are to be changed, each with its scale and zero point.
struct Numbers {
  Scales scales;
  std::vector<double> values, by, zeros;
  double scale(std::size_t element) const { return by[scales.of(element)]; }
  double zero(std::size_t element) const { return zeros.empty() ? 0 : zeros[scales.of(element)]; }
};

/// Makes the output; nothing when only forms were asked for.
std::optional<Numbers> numbers_of(Step& s, DType type) {
  const Operand &x = in(s, 0), &scale = in(s, 1);
  make(s, 0, type, x.shape);
  const Scales scales = scales_of(s, x, scale);
  check_zero(s, scales);
  if (s.only_forms) return std::nullopt;
  return Numbers{scales, widen<double>(x), widen<double>(scale),
                 has(s, 2) ? widen<double>(in(s, 2)) : std::vector<double>{}};
}

}  // namespace

void quantize(Step& s) {
  const auto given = static_cast<DType>(integer(s, "output_dtype", 0));
  const DType type = has(s, 2) ? in(s, 2).type : given == DType::Unknown ? DType::UInt8 : given;
  auto n = numbers_of(s, type);
  if (!n) return;
  const bool whole = is_integer(type);
  for (std::size_t i = 0; i < n->values.size(); ++i) {
    // In float32, as the operator is defined.
    const auto ratio = static_cast<double>(static_cast<float>(n->values[i] / n->scale(i)));
    n->values[i] = (whole ? std::nearbyint(ratio) : ratio) + n->zero(i);
  }
  Tensor& out = s.out[0];
  if (!whole) return round_small(s, std::move(n->values), out);
  for (std::size_t i = 0; i < n->values.size(); ++i)
    store_float(out.bytes, i, type, static_cast<float>(n->values[i]));
}

void dequantize(Step& s) {
  const auto given = static_cast<DType>(integer(s, "output_dtype", 0));
  auto n = numbers_of(s, given == DType::Unknown ? in(s, 1).type : given);
  if (!n) return;
  for (std::size_t i = 0; i < n->values.size(); ++i)
    n->values[i] = (n->values[i] - n->zero(i)) * n->scale(i);
  narrow(n->values, s.out[0]);
}

}  // namespace neuron::cpu

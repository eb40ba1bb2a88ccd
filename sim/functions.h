// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <bit>
#include <cmath>
#include <cstdint>

/// The dear functions of activations.def without branches and without the C library, so that
/// compilers turn loops over them into vectors and every host gives the same bits. Errors are
/// against the exact function; tests measure them.
namespace neuron::sim {

/// exp(x) as (1 + grown) * 2^exponent, with |grown| < 0.42: what exp and expm1 share.
struct Exponential {
  float grown;
  std::uint32_t exponent;  ///< two's complement
};
inline Exponential exponential(float x) {
  constexpr float kRound = 12582912.0f;  // 1.5 * 2^23: adding it rounds to integer
  constexpr float kHigh = 0.693359375f, kLow = -2.12194440e-4f;  // ln 2; kHigh * n is exact
  const float shifted = x * 1.44269504f + kRound;
  const float n = shifted - kRound;
  const float r = (x - n * kHigh) - n * kLow;
  // The Taylor series; its rest is below 1e-8 for |r| <= ln 2 / 2.
  float p = 1.98412698e-4f;
  p = p * r + 1.38888889e-3f;
  p = p * r + 8.33333333e-3f;
  p = p * r + 4.16666667e-2f;
  p = p * r + 1.66666667e-1f;
  p = p * r + 0.5f;
  return {p * (r * r) + r,
          std::bit_cast<std::uint32_t>(shifted) - std::bit_cast<std::uint32_t>(kRound)};
}
/// 2^n for n in [-126, 127].
inline float power_of_two(std::uint32_t n) { return std::bit_cast<float>((n + 127) << 23); }
/// `x`, or the nearer bound; NaN stays.
inline float held(float x, float low, float high) {
  x = x < low ? low : x;
  return x > high ? high : x;
}

/// Within 1.5 units of the last place, also where the result is denormal.
inline float exp_of(float x) {
  const Exponential e = exponential(held(x, -104, 89));
  // Two steps reach both ends of the exponents.
  const std::uint32_t half = static_cast<std::uint32_t>(static_cast<std::int32_t>(e.exponent) >> 1);
  return (1 + e.grown) * power_of_two(half) * power_of_two(e.exponent - half);
}

/// Within 3 units of the last place.
inline float tanh_of(float x) {
  const Exponential e = exponential(held(2 * x, -40, 40));
  const float scale = power_of_two(e.exponent);
  const float m = (scale - 1) + scale * e.grown;  // exp(2x) - 1
  return std::copysign(m / (m + 2), x);           // of zero too
}

/// Within 1.5e-7 of the function.
inline float erf_of(float x) {
  const float t = std::fabs(x), u = x * x;
  // erf(x) / x in x^2 for |x| <= 1, -log(1 - erf(t)) around 2.5 beyond: Chebyshev fits of our own.
  float near = 1.058938096e-06f;
  near = near * u - 1.390933994e-05f;
  near = near * u + 1.195656223e-04f;
  near = near * u - 8.542637806e-04f;
  near = near * u + 5.223783664e-03f;
  near = near * u - 2.686613239e-02f;
  near = near * u + 1.128379107e-01f;
  near = near * u - 3.761263788e-01f;
  near = near * u + 1.128379226e+00f;
  float far = -1.637151399e-06f;
  const float d = (t > 4 ? 4.0f : t) - 2.5f;
  far = far * d + 1.331501426e-05f;
  far = far * d - 7.729137724e-05f;
  far = far * d + 4.201225238e-04f;
  far = far * d - 2.165303566e-03f;
  far = far * d + 1.085854135e-02f;
  far = far * d + 9.438937306e-01f;
  far = far * d + 5.352680683e+00f;
  far = far * d + 7.806815147e+00f;
  const float beyond = std::copysign(1 - exp_of(-far), x);
  const float within = x * near;
  return t > 1 ? beyond : within;
}

}  // namespace neuron::sim

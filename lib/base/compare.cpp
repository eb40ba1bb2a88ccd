// SPDX-License-Identifier: Apache-2.0
#include "base/compare.h"

#include <cmath>

#include "base/numbers.h"

namespace neuron {

Result<Difference> compare(const Tensor& value, const Tensor& expected, Tolerance tolerance) {
  if (value.type != expected.type || value.bytes.size() != expected.bytes.size())
    return fail(Code::Mismatch, "{} {}, expected {} {}", name_of(value.type), text_of(value.shape),
                name_of(expected.type), text_of(expected.shape));
  Difference out;
  double most = -1;
  const std::size_t size = size_of(value.type);
  out.elements = size ? value.bytes.size() / size : 0;
  for (std::size_t i = 0; i < out.elements; ++i) {
    const double a = load_as_float(value.bytes, i, value.type),
                 b = load_as_float(expected.bytes, i, value.type);
    if (a == b || (std::isnan(a) && std::isnan(b))) continue;
    const double difference = std::fabs(a - b);
    // A NaN on one side is outside of every tolerance.
    if (!(difference <= tolerance.absolute + tolerance.relative * std::fabs(b))) ++out.outside;
    if (difference <= most) continue;
    most = std::isnan(difference) ? HUGE_VAL : difference;
    out.worst = i;
    out.value = a;
    out.expected = b;
  }
  return out;
}

}  // namespace neuron

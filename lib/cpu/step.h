// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <algorithm>
#include <cmath>
#include <sstream>

#include "base/numbers.h"
#include "cpu/cpu.h"

/// What kernels share. A kernel checks its inputs, makes its outputs, returns when forms were all
/// that was asked for, and computes.
namespace neuron::cpu {

using Ints = std::vector<std::int64_t>;

struct Refusal {
  std::string words;
};
template <class... Parts>
[[noreturn]] void refuse(const Parts&... parts) {
  std::ostringstream words;
  (words << ... << parts);
  throw Refusal{words.str()};
}
inline void require(bool holds, const char* words) {
  if (!holds) throw Refusal{words};
}

bool is_integer(DType type);  ///< Bool counts as one

std::string text_of_shape(const Shape& shape);
/// Elements; refuses negative dimensions and what no memory holds.
std::size_t elements(const Shape& shape);
Ints strides_of(const Shape& shape);
/// Strides that read `from` under the indices of `to`, to which it broadcasts.
Ints spread_strides(const Shape& from, const Shape& to);
Shape broadcast(const Shape& a, const Shape& b);
std::int64_t front(std::int64_t axis, std::size_t rank);
Ints fronts(Ints axes, std::size_t rank);
std::int64_t product(const Shape& shape, std::size_t from, std::size_t to);

// Attributes: an absent one, or one of another kind, yields the fallback.
template <class T>
T attribute(const Step& s, const char* name, T fallback) {
  const auto at = s.attributes.find(name);
  if (at == s.attributes.end()) return fallback;
  const T* value = std::get_if<T>(&at->second);
  return value ? *value : fallback;
}
inline std::int64_t integer(const Step& s, const char* name, std::int64_t fallback) {
  return attribute<std::int64_t>(s, name, fallback);
}
inline float real(const Step& s, const char* name, float fallback) {
  return attribute<float>(s, name, fallback);
}
inline std::string word(const Step& s, const char* name, const char* fallback = "") {
  return attribute<std::string>(s, name, fallback);
}
inline bool has_attribute(const Step& s, const char* name) { return s.attributes.count(name) > 0; }

inline bool has(const Step& s, std::size_t i) { return i < s.inputs.size() && s.inputs[i]; }
inline const Operand& in(const Step& s, std::size_t i) {
  if (!has(s, i)) refuse("input ", i, " is left out");
  return *s.inputs[i];
}
/// Numbers of an input whose values must be known, also for forms.
Ints integers(const Operand& x);
std::vector<double> numbers(const Operand& x);
/// A list that is an input, or in other opsets an attribute; nothing when it is neither.
std::optional<Ints> list(const Step& s, std::size_t input, const char* name);
inline DType declared(const Step& s, std::size_t output, DType fallback) {
  return output < s.types.size() && s.types[output] != DType::Unknown ? s.types[output] : fallback;
}

/// Makes output `i`. Zeros, unless only forms were asked for.
Tensor& make(Step& s, std::size_t i, DType type, Shape shape);
inline bool wanted(const Step& s, std::size_t i) { return i < s.outputs; }

// Elements, exactly: every integer as int64 or uint64, every float as a double.
template <class T>
T get(ByteView bytes, DType type, std::size_t i);
template <class T>
void put(std::span<std::byte> bytes, DType type, std::size_t i, T value);
#define NEURON_NUMBER(T)                               \
  template <>                                          \
  T get<T>(ByteView bytes, DType type, std::size_t i); \
  template <>                                          \
  void put<T>(std::span<std::byte> bytes, DType type, std::size_t i, T value);
NEURON_NUMBER(double)
NEURON_NUMBER(std::int64_t)
NEURON_NUMBER(std::uint64_t)
#undef NEURON_NUMBER
template <class T>
std::vector<T> widen(const Operand& x) {
  std::vector<T> out(elements(x.shape));
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = get<T>(x.bytes, x.type, i);
  return out;
}
template <class T>
void narrow(const std::vector<T>& from, Tensor& to) {
  for (std::size_t i = 0; i < from.size(); ++i) put<T>(to.bytes, to.type, i, from[i]);
}
/// Calls body with a zero of the type that holds all elements of `type`.
template <class Body>
void in_type(DType type, Body body) {
  if (type == DType::UInt64)
    body(std::uint64_t{});
  else if (is_integer(type))
    body(std::int64_t{});
  else
    body(double{});
}

/// Numbers as floats of 8 bits or fewer, as the attributes saturate and round_mode say.
void round_small(const Step& s, std::vector<double> from, Tensor& to);

void copy_element(ByteView from, std::size_t i, Tensor& to, std::size_t j);
/// Goes through `shape` in row-major order: body(place in it, place in a source whose axes have
/// `strides` and begin at `start`).
template <class Body>
void walk(const Shape& shape, std::int64_t start, const Ints& strides, Body body) {
  Ints index(shape.size());
  std::int64_t from = start;
  const std::size_t count = elements(shape);
  for (std::size_t to = 0; to < count; ++to) {
    body(to, static_cast<std::size_t>(from));
    for (std::size_t axis = shape.size(); axis-- > 0;) {
      from += strides[axis];
      if (++index[axis] < shape[axis]) break;
      from -= strides[axis] * shape[axis];
      index[axis] = 0;
    }
  }
}
/// [outer, size, inner] of a shape around one axis.
struct Around {
  std::size_t outer, size, inner;
};
Around around(const Shape& shape, std::int64_t axis);

}  // namespace neuron::cpu

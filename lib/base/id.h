// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <compare>
#include <cstdint>

namespace neuron {
/// An integer that never meets another kind of integer by accident.
template <class Tag, class T = std::uint32_t>
struct Id {
  T value{};
  auto operator<=>(const Id&) const = default;
};
}  // namespace neuron

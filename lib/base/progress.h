// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <functional>
#include <string_view>

namespace neuron {
/// How long work tells that it goes on: what is done now, how many of how many. Empty = be silent.
/// Commands pass one only when standard error is a terminal.
using Progress =
    std::function<void(std::string_view what, std::uint64_t done, std::uint64_t total)>;
}  // namespace neuron

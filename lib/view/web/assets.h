// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <span>
#include <string_view>

namespace neuron::view {

/// One file of this folder, as it stood when the library was built.
struct Asset {
  std::string_view name;  ///< "app.js"
  const char* type;       ///< MIME type
  std::string_view bytes;
};
/// Made by embed.cmake.
std::span<const Asset> assets();

}  // namespace neuron::view

// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <span>
#include <string_view>

namespace neuron::view {

/// One file of the page, as it stood when the library was built: all scripts are one, "page.js".
struct Asset {
  std::string_view name;  ///< "style.css"
  const char* type;       ///< MIME type
  std::string_view bytes;
};
/// Made by embed.cmake.
std::span<const Asset> assets();

}  // namespace neuron::view

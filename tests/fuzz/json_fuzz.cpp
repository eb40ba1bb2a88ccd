// SPDX-License-Identifier: Apache-2.0
#include <cstdlib>

#include "base/json.h"
#include "base/json_check.h"

// What is parsed is printed and parsed again; what only checks agrees with what builds.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace neuron;
  const auto bytes = std::as_bytes(std::span(data, size));
  const auto value = json::parse(bytes);
  const auto checked = json::check(SharedBytes::borrowed(bytes));
  if (static_cast<bool>(value) != static_cast<bool>(checked)) std::abort();
  if (!value && value.error().message != checked.error().message) std::abort();
  if (value) {
    const std::string text = json::text_of(*value);
    if (!json::parse(std::as_bytes(std::span(text)))) std::abort();
  }
  return 0;
}

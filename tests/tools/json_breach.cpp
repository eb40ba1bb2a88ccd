// SPDX-License-Identifier: Apache-2.0
// json-breach SCHEMA FILE: the first way in which the JSON of FILE breaks the schema; nothing, and
// status 0, when it keeps it.
#include <iostream>

#include "base/file.h"
#include "tests/unit/neff/schema.h"

int main(int argc, char** argv) {
  neuron::Json parts[2];
  for (int i = 0; i < 2; ++i) {
    const auto bytes = neuron::read_file(i + 1 < argc ? argv[i + 1] : "");
    if (!bytes) return std::cout << bytes.error().message << "\n", 2;
    auto value = neuron::json::parse(*bytes);
    if (!value) return std::cout << argv[i + 1] << ": " << value.error().message << "\n", 2;
    parts[i] = *std::move(value);
  }
  const std::string breach = breach_of(parts[0], parts[1]);
  if (breach.empty()) return 0;
  std::cout << breach << "\n";
  return 1;
}

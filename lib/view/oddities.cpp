// SPDX-License-Identifier: Apache-2.0
#include "view/oddities.h"

#include <fmt/format.h>

namespace neuron::view {
namespace {

constexpr const char* Loss = "loss";
constexpr const char* Notice = "notice";
struct Row {
  const char* severity;
  const char* text;
};
constexpr Row kRows[] = {
#define ODDITY(name, severity, text) {severity, text},
#include "view/oddities.def"
#undef ODDITY
};

}  // namespace

std::vector<std::string> Oddities::sentences() const {
  std::vector<std::string> out;
  for (std::size_t i = 0; i < kOddities; ++i)
    if (counts[i])
      out.push_back(fmt::format("{}: {} {}", kRows[i].severity, counts[i], kRows[i].text));
  return out;
}

}  // namespace neuron::view

// SPDX-License-Identifier: Apache-2.0
#include "compile/import/arity.h"

namespace neuron::compile {
namespace {

constexpr std::size_t kNoLimit = 1000;  // what the tables of operators say for "any number"

std::string range_of(std::size_t least, std::size_t most) {
  if (least == most) return std::to_string(least);
  if (most >= kNoLimit) return fmt::format("{} or more", least);
  return fmt::format("{} {} {}", least, most == least + 1 ? "or" : "to", most);
}

}  // namespace

Result<> check_count(std::size_t count, std::string_view what, std::size_t least,
                     std::size_t most) {
  if (count >= least && count <= most) return {};
  return fail(Code::Malformed, "{} {}{}, expected {}", count, what, count == 1 ? "" : "s",
              count > kNoLimit ? fmt::format("at most {}", most) : range_of(least, most));
}

}  // namespace neuron::compile

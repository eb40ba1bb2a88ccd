// SPDX-License-Identifier: Apache-2.0
// The operand text of each instruction that the official exports hold is ours, word for word; only
// blanks between words may differ.
#include <map>
#include <sstream>

#include "isa/isa.h"
#include "official.h"

namespace neuron::view {
namespace {

std::string words_of(const std::string& text) {
  std::istringstream in(text);
  std::string out;
  for (std::string word; in >> word;) out += (out.empty() ? "" : " ") + word;
  return out;
}

std::string string_of(const Json& row, const char* key) {
  const Json* value = json::find(row, key);
  return value && value->is_string() ? value->get<std::string>() : "";
}

}  // namespace

TEST_CASE("operands read as the official profiler prints them") {
  for (const OfficialPair& pair : official_pairs()) {
    INFO(pair.name);
    std::map<std::pair<std::string, int>, std::string> ours;
    for (const Instruction& i : pair.timeline.instructions) {
      if (i->compiler_pc < 0) continue;
      const auto text = i->compiler_operands.value ? i->compiler_operands : i->operands;
      ours[{pair.timeline.cores[i->core].subgraph +
                isa::info(static_cast<isa::Engine>(i->engine)).shown,
            i->compiler_pc}] = words_of(std::string(pair.timeline.text(text)));
    }
    int compared = 0;
    for (const Json& row : pair.exported["instruction"]) {
      const Json* pc = json::find(row, "compiler_pc");
      if (!pc) continue;
      std::string text = string_of(row, "compiler_operands");
      if (text.empty()) text = string_of(row, "operands");
      const auto key = string_of(row, "subgraph") + string_of(row, "subgroup");
      INFO(key << " pc " << *pc);
      CHECK(ours[{key, pc->get<int>()}] == words_of(text));
      ++compared;
    }
    CHECK(compared > 100);
  }
}

}  // namespace neuron::view

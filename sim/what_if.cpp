// SPDX-License-Identifier: Apache-2.0
#include "sim/what_if.h"

#include <algorithm>
#include <numeric>

#include "base/json.h"
#include "isa/parametric.h"
#include "sim/schedule_costs.h"

namespace neuron::sim {
namespace {

using namespace isa::parametric;

constexpr SimCosts kCosts[] = {
    {
#define NEURON_SIM_COST(name, v1, v2, v3, v4, source) v2*(v1),
#include "sim/costs.def"
#undef NEURON_SIM_COST
    },
    {
#define NEURON_SIM_COST(name, v1, v2, v3, v4, source) v2,
#include "sim/costs.def"
#undef NEURON_SIM_COST
    },
    {
#define NEURON_SIM_COST(name, v1, v2, v3, v4, source) v3,
#include "sim/costs.def"
#undef NEURON_SIM_COST
    },
    {
#define NEURON_SIM_COST(name, v1, v2, v3, v4, source) v4,
#include "sim/costs.def"
#undef NEURON_SIM_COST
    },
};
static_assert(std::size(kCosts) == isa::kArchs);

void set_constant(Timing& timing, std::string_view name, double value) {
#define NEURON_SIM_COST(field, v1, v2, v3, v4, source) \
  if (name == #field) {                                \
    timing.machine.field = value;                      \
    return;                                            \
  }
#include "sim/costs.def"
#undef NEURON_SIM_COST
  isa::set_constant(timing.engines, name, value);
}

bool is_known(const std::vector<isa::Constant>& known, const std::string& name) {
  return std::ranges::any_of(known, [&](const auto& c) { return c.name == name; });
}

/// Letters to add, drop or change to make one word of the other.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i);
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t change = diagonal + (a[i - 1] != b[j - 1]);
      diagonal = row[j];
      row[j] = std::min({change, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row.back();
}

std::string advice(std::string_view word, const std::vector<isa::Constant>& known) {
  std::string best;
  std::size_t least = std::max<std::size_t>(word.size() / 3, 1) + 1;
  for (const isa::Constant& c : known)
    if (const std::size_t d = distance(word, c.name); d < least) {
      least = d;
      best = c.name;
    }
  return best.empty() ? "" : "; did you mean '" + best + "'?";
}

}  // namespace

Timing timing(isa::ArchId arch, const std::vector<isa::Constant>& asked) {
  Timing all{isa::timing(arch), kCosts[static_cast<int>(arch)]};
  for (const isa::Constant& c : asked) set_constant(all, c.name, c.value);
  return all;
}

std::vector<isa::Constant> constants(isa::ArchId arch) {
  std::vector<isa::Constant> all = isa::constants(isa::timing(arch));
  const SimCosts& costs = kCosts[static_cast<int>(arch)];
#define NEURON_SIM_COST(field, v1, v2, v3, v4, source) all.push_back({#field, costs.field});
#include "sim/costs.def"
#undef NEURON_SIM_COST
  return all;
}

Result<std::vector<isa::Constant>> what_if(ByteView text) {
  const Json wishes = TRY(json::parse(text));
  if (!wishes.is_object()) return fail(Code::Malformed, "expected an object of names and numbers");
  const auto known = constants(isa::ArchId::V3);  // the names are the same for all
  std::vector<isa::Constant> asked;
  for (const auto& [name, value] : wishes.items()) {
    if (!value.is_number() || value.get<double>() < 0)
      return fail(Code::Malformed, "{} is {}, expected a number of at least 0", name,
                  json::text_of(value));
    if (!is_known(known, name))
      return fail(Code::NotFound, "no constant '{}'{}", name, advice(name, known));
    asked.push_back({name, value.get<double>()});
  }
  return asked;
}

}  // namespace neuron::sim

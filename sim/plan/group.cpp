// SPDX-License-Identifier: Apache-2.0
// When all products are known: packs their weights, plans their panels, and makes kernels of them,
// those with the same moving columns one.
#include <fmt/format.h>

#include <algorithm>

#include "sim/plan/panels.h"
#include "sim/plan/pool.h"

namespace neuron::sim {
namespace {

constexpr std::size_t kMostProducts = 4;  ///< whose sums stay in the second cache

/// Products that one kernel does.
struct Group {
  Products products;
  Touches touches;
  std::size_t kernel = 0;  ///< of the plan
  std::size_t end = 0;     ///< the next one that is not theirs
};

/// Whether the same moving columns pass through both, in the same panels.
bool same_moving(const PlannedProduct& a, const PlannedProduct& b) {
  const auto same_term = [](const Term& x, const Term& y) {
    return same_place(x.moving, y.moving) && x.constant == y.constant && x.high == y.high &&
           x.weights.rows == y.weights.rows;
  };
  const auto same_panel = [](const Panel& x, const Panel& y) {
    return x.begin == y.begin && x.end == y.end && x.parts == y.parts;
  };
  return a.sum.accumulate == b.sum.accumulate &&
         std::ranges::equal(a.sum.terms, b.sum.terms, same_term) &&
         std::ranges::equal(a.panels, b.panels, same_panel);
}

/// Makes the group sum `draft` too, if it comes next, brings the same moving columns together and
/// their order does not matter.
bool join(Plan& plan, Group& group, Draft& draft) {
  if (group.end != draft.kernel || group.products.size() == kMostProducts) return false;
  const PlannedProduct &first = *group.products[0], &p = *draft.product;
  if (!may_share(first) || !may_share(p) || !same_moving(first, p) ||
      in_order(group.touches, draft.touches))
    return false;
  group.products.push_back(draft.product);
  group.touches.insert(group.touches.end(), draft.touches.begin(), draft.touches.end());
  group.end = draft.kernel + 1;
  plan.kernels[group.kernel].cost += draft.cost;
  plan.kernels[group.kernel].what += fmt::format(", and beside it {} weights' columns", p.columns);
  return true;
}

/// Weights are packed before panels are planned: zeros among them make another plan.
void plan_all(std::span<const Draft> drafts) {
  std::vector<PlannedProduct*> packing;
  for (const Draft& draft : drafts)
    if (draft.product->packs) packing.push_back(draft.product.get());
  pack_constants(packing);
  share(static_cast<unsigned>(drafts.size()), [&](unsigned, unsigned begin, unsigned end) {
    for (const Draft& draft : drafts.subspan(begin, end - begin)) {
      PlannedProduct& p = *draft.product;
      if (p.constant) p.narrow = is_narrow(p, true);
      plan_panels(p);
    }
  });
}

}  // namespace

void finish_products(Plan& plan, Packings& packings) {
  plan_all(packings.drafts);
  std::shared_ptr<Group> group;
  for (Draft& draft : packings.drafts) {
    if (group && join(plan, *group, draft)) continue;
    const PlannedProduct& p = *draft.product;
    group = std::make_shared<Group>(
        Group{{draft.product}, std::move(draft.touches), draft.kernel, draft.kernel + 1});
    plan.kernels[draft.kernel] = {
        [group](const Memory& m, Worker& w, unsigned begin, unsigned end) {
          run_panels(group->products, m, w, begin, end);
        },
        static_cast<unsigned>(p.panels.size()), draft.cost, shown(p, draft.eviction)};
  }
}

}  // namespace neuron::sim

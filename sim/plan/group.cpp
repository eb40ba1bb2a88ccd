// SPDX-License-Identifier: Apache-2.0
// When all products are known: packs their weights, plans their panels, and makes kernels of them,
// those with the same moving columns one.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "sim/plan/panels.h"
#include "sim/plan/pool.h"

namespace neuron::sim {
namespace {

constexpr std::size_t kMostProducts = 4;  ///< whose sums stay in the second cache

/// Where the i-th product of any group has its weights while they are used.
using Slots = std::array<std::shared_ptr<PackedWeights>, kMostProducts>;

/// Products that one kernel does.
struct Group {
  Products products;
  Touches touches;
  std::size_t kernel = 0;  ///< of the plan
  std::size_t end = 0;     ///< the next one that is not theirs
  Touches passed = {};     ///< by other kernels before that
  unsigned runs = 0;       ///< with weights to be packed
  Floats constants = {};   ///< those that move, packed; of lines only
  bool is_apart = false;   ///< weights are not finite: each product for itself

  std::vector<Products> shares = {};  ///< whose panels are units, one share after the other

  void divide();
  bool lines() const { return products[0]->lines; }
  bool is_image() const { return !products[0]->images.empty(); }
  unsigned panels() const;
  void pack(const Slots& slots);
  void run(const Memory& m, Worker& w, unsigned begin, unsigned end) const;
};

/// Of one share.
unsigned Group::panels() const {
  std::size_t all = 0;
  for (const auto& p : products) all += p->panels.size();
  if (lines()) return static_cast<unsigned>(all);
  return static_cast<unsigned>(is_image() ? products[0]->images.size()
                                          : products[0]->panels.size());
}

/// Few panels are too few for all threads: then these share the products, too, though each brings
/// the moving columns together for itself.
void Group::divide() {
  const std::size_t threads = pool_threads(), count = products.size(),
                    most = panels() < 4 * threads && !lines() ? std::min(threads, count) : 1;
  for (std::size_t i = 0; i < most; ++i)
    shares.emplace_back(products.begin() + static_cast<std::ptrdiff_t>(count * i / most),
                        products.begin() + static_cast<std::ptrdiff_t>(count * (i + 1) / most));
}

void Group::run(const Memory& m, Worker& w, unsigned begin, unsigned end) const {
  if (lines()) return run_lines(products, constants, m, w, begin, end);
  if (is_image()) return run_images(products, m, w, begin, end);
  for (unsigned next; begin < end; begin = next) {
    const unsigned share = begin / panels(), first = share * panels();
    next = std::min(end, first + panels());
    if (!is_apart) run_panels(shares[share], m, w, begin - first, next - first);
    for (std::size_t i = 0; is_apart && i < shares[share].size(); ++i)
      run_panels({shares[share][i]}, m, w, begin - first, next - first);
  }
}

/// Most models are executed more than once; for one that is not, memory for all its weights would
/// take longer than they are used. So what is late is packed into the same memory each, and only at
/// the second run for good.
void Group::pack(const Slots& slots) {
  if (runs == 2) return;
  std::vector<PlannedProduct*> late;
  for (std::size_t i = 0; i < products.size(); ++i) {
    if (!products[i]->late) continue;
    products[i]->storage = runs == 0 ? slots[i] : std::make_shared<PackedWeights>();
    late.push_back(products[i].get());
  }
  if (++runs == 2) {
    if (lines()) pack_lines(products, constants);
    for (const auto& p : products)
      if (p->narrow && p->constant) pack_narrow(*p);
  }
  pack_constants(late);
  is_apart = std::ranges::any_of(late, [](const PlannedProduct* p) {
    return !std::ranges::all_of(p->storage->finite, [](auto finite) { return finite; });
  });
}

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

/// Whether constants move through the same number of rows of both, which are read together.
bool same_lines(const PlannedProduct& a, const PlannedProduct& b) {
  return a.lines && b.lines &&
         std::ranges::equal(a.chunks, b.chunks, {}, &Chunk::rows, &Chunk::rows);
}

/// Adds to `touches` what all kernels [begin, end) touch; false if that is not known.
bool collect(std::span<const Passed> passed, std::size_t begin, std::size_t end, Touches& touches) {
  auto next = std::ranges::lower_bound(passed, begin, {}, &Passed::begin);
  for (; begin < end && next != passed.end() && next->begin == begin; begin = (next++)->end)
    touches.insert(touches.end(), next->touches.begin(), next->touches.end());
  return begin == end;
}

/// Makes the group sum `draft` too, if it comes next but for kernels that may as well come later,
/// brings the same moving columns together and their order does not matter.
bool join(Plan& plan, std::span<const Passed> passed, Group& group, Draft& draft) {
  if (group.products.size() == kMostProducts ||
      !collect(passed, group.end, draft.kernel, group.passed))
    return false;
  const PlannedProduct &first = *group.products[0], &p = *draft.product;
  const bool alike = may_share(first) && may_share(p) && same_moving(first, p);
  if ((!alike && !same_lines(first, p)) || in_order(group.touches, draft.touches) ||
      in_order(group.passed, draft.touches))
    return false;
  group.products.push_back(draft.product);
  group.touches.insert(group.touches.end(), draft.touches.begin(), draft.touches.end());
  group.end = draft.kernel + 1;
  plan.kernels[group.kernel].cost += draft.cost;
  plan.kernels[group.kernel].what += fmt::format(", and beside it {} weights' columns", p.columns);
  return true;
}

/// Weights that one product alone uses, in one panel or two, need not be packed before it is run.
void choose_late(PlannedProduct& p) {
  if (!p.packs || p.storage->users > 1 || p.sum.base.count > 2 * kStripColumns || !looks_dense(p))
    return;
  p.storage->finite.assign(p.sum.terms.size(), true);
  p.narrow = is_narrow(p, true);
  p.late = !p.narrow;
  p.packs = false;
}

/// Calls use(product) for all, by all threads.
template <class Use>
void for_all(std::span<const Draft> drafts, Use use) {
  share(static_cast<unsigned>(drafts.size()), [&](unsigned, unsigned begin, unsigned end) {
    for (const Draft& draft : drafts.subspan(begin, end - begin)) use(*draft.product);
  });
}

/// Weights are looked at before panels are planned: zeros among them make another plan.
void plan_all(std::span<const Draft> drafts) {
  for_all(drafts, choose_late);
  std::vector<PlannedProduct*> packing;
  for (const Draft& draft : drafts)
    if (draft.product->packs) packing.push_back(draft.product.get());
  pack_constants(packing);
  find_patterns(packing);
  for_all(drafts, [](PlannedProduct& p) {
    if (p.constant) p.narrow = is_narrow(p, true);
    plan_panels(p);
    p.lines = !p.narrow && is_lines(p);
  });
}

Slots slots_for(std::span<const Draft> drafts) {
  std::size_t most = 0;
  for (const Draft& draft : drafts)
    if (draft.product->late) most = std::max(most, draft.product->packed);
  Slots slots;
  for (auto& slot : slots) {
    slot = std::make_shared<PackedWeights>();
    slot->values.reserve(most);
  }
  return slots;
}

/// What it does, before it is known how many products do.
Kernel kernel_of(const std::shared_ptr<Group>& group, const Draft& draft,
                 const std::shared_ptr<const Slots>& slots) {
  return {[group](const Memory& m, Worker& w, unsigned begin, unsigned end) {
            group->run(m, w, begin, end);
          },
          1, draft.cost, shown(*draft.product, draft.eviction),
          [group, slots] { group->pack(*slots); }};
}

}  // namespace

void finish_products(Plan& plan, Packings& packings) {
  plan_all(packings.drafts);
  const auto slots = std::make_shared<const Slots>(slots_for(packings.drafts));
  std::vector<std::shared_ptr<Group>> groups;
  for (Draft& draft : packings.drafts) {
    if (!groups.empty() && join(plan, packings.passed, *groups.back(), draft)) continue;
    groups.push_back(std::make_shared<Group>(
        Group{{draft.product}, std::move(draft.touches), draft.kernel, draft.kernel + 1}));
    plan.kernels[draft.kernel] = kernel_of(groups.back(), draft, slots);
  }
  for (const auto& group : groups) {
    group->divide();
    plan.kernels[group->kernel].units =
        group->panels() * static_cast<unsigned>(group->shares.size());
  }
}

}  // namespace neuron::sim

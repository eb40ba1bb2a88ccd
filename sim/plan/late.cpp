// SPDX-License-Identifier: Apache-2.0
#include "sim/plan/late.h"

#include <algorithm>

namespace neuron::sim {
namespace {

bool same_shape(const View& a, const View& b) {
  return a.count == b.count && a.partitions == b.partitions;
}

/// Whether what `reader` takes from memory stays as it is when `written` is, before or after it.
bool spares(const Region& written, const Link& reader) {
  const auto operands = operands_of(reader.op);
  for (std::size_t i = 0; i < 2; ++i)
    if (reader.from[i] == kMemory && region_of(*operands[i]).overlaps(written)) return false;
  return std::ranges::none_of(scalars_read(reader.op),
                              [&](const Region& r) { return r.overlaps(written); });
}
/// The same for rows and columns that go through both, if these are the same elements.
bool spares(const View& written, const Link& reader) {
  Link others = reader;
  const auto operands = operands_of(reader.op);
  for (std::size_t i = 0; i < 2; ++i)
    if (reader.from[i] == kMemory && same_place(*operands[i], written)) others.from[i] = kNone;
  return spares(region_of(written), others);
}

}  // namespace

std::vector<Region> scalars_read(const Elementwise& op) {
  return std::visit(
      [](const auto* in) -> std::vector<Region> {
        if constexpr (requires { scalars_of(*in); })
          return scalars_of(*in);
        else
          return {};
      },
      op);
}

Link link_behind(const Links& links, const Elementwise& op) {
  Link link = link_of(op);
  const auto operands = operands_of(op);
  for (std::size_t i = 0; i < 2; ++i)
    for (std::size_t j = 0; operands[i] && j < links.size(); ++j)
      if (!links[j].passes && same_place(*operands[i], result_of(links[j].op)))
        link.from[i] = static_cast<int>(j);
  return link;
}

bool may_follow(const Links& links, const Touches& product, const Link& link, bool written) {
  if (const auto* pair = std::get_if<const bound::tensor_tensor*>(&link.op);
      pair && (*pair)->op == isa::Alu::AddInteger)
    return false;  // words wrap, float32 does not
  const View& to = result_of(link.op);
  if (links.size() == kMostLinks || (link.from[0] < 0 && link.from[1] < 0)) return false;
  if (to.type != DType::Float32 || !spares(to, link)) return false;
  for (const View* v : operands_of(link.op))
    if (v && (!same_shape(*v, to) || v->type != DType::Float32)) return false;
  for (const Link& other : links) {
    const View& theirs = result_of(other.op);
    const bool apart = same_place(theirs, to) || !region_of(theirs).overlaps(region_of(to));
    if (!apart || theirs.type != DType::Float32 || !spares(theirs, link) ||
        (written && !spares(to, other)))
      return false;
  }
  const auto disturbs = [&](const Touch& t) {
    return (written && t.region.overlaps(region_of(to))) || (t.write && !spares(t.region, link));
  };
  return std::ranges::none_of(product, disturbs) && !repeats(to) &&
         !repeats(result_of(links[0].op));
}

const Waiting* Late::follow(const Elementwise& op, const Touches& touches) {
  for (Waiting& w : waiting_) {
    Link link = link_behind(w.links, op);
    if (!may_follow(w.links, w.product, link, true)) continue;
    w.links.push_back(std::move(link));
    w.touches.insert(w.touches.end(), touches.begin(), touches.end());
    return &w;
  }
  return nullptr;
}

Waiting Late::take(const Waiting* w) {
  const auto found = std::ranges::find_if(waiting_, [&](const Waiting& o) { return &o == w; });
  Waiting taken = std::move(*found);
  waiting_.erase(found);
  return taken;
}

// What waits never depends on what else waits: the later one would have settled the earlier.
void Late::settle(const Touches& touches, const Waiting* spared) {
  for (auto w = waiting_.begin(); w != waiting_.end();) {
    if (&*w == spared || !in_order(w->touches, touches)) {
      ++w;
      continue;
    }
    emit_(std::move(*w));
    w = waiting_.erase(w);
  }
}

void Late::settle_all() {
  for (Waiting& w : waiting_) emit_(std::move(w));
  waiting_.clear();
}

namespace {
const bound::tensor_scalar* only_of(const Waiting& w) {
  const auto* op = std::get_if<const bound::tensor_scalar*>(&w.links[0].op);
  return op && w.links.size() == 1 && !w.sum ? *op : nullptr;
}
}  // namespace

const bound::tensor_scalar* Late::find(const Region& place) const {
  for (const Waiting& w : waiting_) {
    const auto* op = only_of(w);
    if (!op) continue;
    const Region to = region_of(op->dst);
    if (to.contains(place) && place.contains(to)) return op;
  }
  return nullptr;
}

Touches Late::drop(const bound::tensor_scalar& op) {
  const auto found =
      std::ranges::find_if(waiting_, [&](const Waiting& w) { return only_of(w) == &op; });
  Touches touches = std::move(found->touches);
  waiting_.erase(found);
  return touches;
}

}  // namespace neuron::sim

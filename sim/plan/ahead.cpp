// SPDX-License-Identifier: Apache-2.0
#include "sim/plan/ahead.h"

#include <algorithm>

namespace neuron::sim {
namespace {

constexpr std::size_t kFar = 1024;  ///< events that are looked over

bool is_line(const View& v) { return v.nums[1] * v.nums[2] * v.nums[3] == 1; }

View part_of_view(View v, Columns c) {
  if (c.begin == 0 && c.end == v.count) return v;
  v.at = static_cast<std::uint32_t>(v.at + std::int64_t{v.steps[0]} * c.begin);
  v.nums[0] = v.count = c.end - c.begin;
  return v;
}

/// Which columns of `whole` lie in `part`, if that is all there is.
std::optional<Columns> columns_of(const View& whole, const View& part) {
  if (same_place(whole, part)) return Columns{0, whole.count};
  const std::int64_t step = whole.steps[0], away = std::int64_t{part.at} - whole.at;
  if (part.partitions != whole.partitions || part.type != whole.type || !is_line(whole) ||
      !is_line(part) || step == 0 || part.steps[0] != step || away % step != 0 || away / step < 0 ||
      away / step + part.count > whole.count)
    return std::nullopt;
  const auto begin = static_cast<std::uint32_t>(away / step);
  return Columns{begin, begin + part.count};
}

/// Whether columns after columns give the same as all of them.
bool separable(const Elementwise& op) {
  const View& to = result_of(op);
  const auto apart = [&](const Region& r) { return !r.overlaps(region_of(to)); };
  const auto fits = [&](const View* v) {
    return !v ||
           (v->count == to.count && is_line(*v) && (same_place(*v, to) || apart(region_of(*v))));
  };
  return std::ranges::all_of(operands_of(op), fits) &&
         std::ranges::all_of(scalars_read(op), apart) && is_line(to);
}

/// The columns of an instruction that read the result of a link, if it may be done in part.
std::optional<Columns> columns_behind(const Links& links, const Elementwise& op) {
  for (const View* v : operands_of(op))
    for (const Link& link : links) {
      const auto columns = v ? columns_of(*v, result_of(link.op)) : std::nullopt;
      if (columns && (columns->end - columns->begin == v->count || separable(op))) return columns;
    }
  return std::nullopt;
}

Touches touches_of(const Elementwise& op, Columns columns) {
  Touches out{{region_of(part_of_view(result_of(op), columns)), true, false}};
  for (const View* v : operands_of(op))
    if (v) out.push_back({region_of(part_of_view(*v, columns)), false, false});
  for (const Region& r : scalars_read(op)) out.push_back({r, false, false});
  return out;
}

/// What a link reads that no other link gives it.
Touches reads_of(const Link& link) {
  Touches out;
  const auto operands = operands_of(link.op);
  for (std::size_t i = 0; i < 2; ++i)
    if (link.from[i] == kMemory) out.push_back({region_of(*operands[i]), false, false});
  for (const Region& r : scalars_read(link.op)) out.push_back({r, false, false});
  return out;
}
Touch write_of(const Link& link) { return {region_of(result_of(link.op)), true, false}; }

}  // namespace

const bound::Operation& Ahead::part_of(const bound::Operation& op, Columns columns) {
  bound::Operation& part = parts_.emplace_back(op);
  std::visit(
      [&](auto& in) {
        if constexpr (std::is_constructible_v<Elementwise, decltype(&in)>) {
          in.dst = part_of_view(in.dst, columns);
          if constexpr (requires { in.rhs; }) {
            in.lhs = part_of_view(in.lhs, columns);
            in.rhs = part_of_view(in.rhs, columns);
          } else {
            in.src = part_of_view(in.src, columns);
          }
        }
      },
      part);
  return part;
}

/// The first event behind `last` that touches the result of a link, if that reads columns of one.
std::optional<Ahead::Candidate> Ahead::next(const Links& links, std::size_t last) {
  std::size_t event = order_.size();
  for (const Link& link : links)
    event = std::min(event, lives_.next(region_of(result_of(link.op)), last + 1));
  if (event == order_.size() || !order_[event].step) return std::nullopt;
  const bound::Operation& op = order_[event].step->op;
  const auto whole = elementwise_of(op);
  const auto columns = whole ? columns_behind(links, *whole) : std::nullopt;
  if (!columns) return std::nullopt;
  const bool all = columns->end - columns->begin == result_of(*whole).count;
  const auto part = all ? *whole : *elementwise_of(part_of(op, *columns));
  return Candidate{event, *columns, link_behind(links, part)};
}

/// What the other columns of a candidate's instruction touch.
Touches Ahead::others_of(const Candidate& c) const {
  const auto op = *elementwise_of(order_[c.event].step->op);
  const Columns before{0, c.columns.begin}, behind{c.columns.end, result_of(op).count};
  Touches out;
  for (const Columns others : {before, behind})
    if (others.begin < others.end)
      std::ranges::copy(touches_of(op, others), std::back_inserter(out));
  return out;
}

/// Whether it does not matter that a touch of the last of `done` comes right behind event `at`,
/// before all other events up to its own. What of these is done with it keeps its place.
bool Ahead::commutes(const Touch& t, std::size_t at, std::span<const Candidate> done) const {
  for (std::size_t between = at + 1; between <= done.back().event; ++between) {
    const auto own = std::ranges::find(done, between, &Candidate::event);
    if (own == done.end()) {
      if (in_order({t}, touches_[between])) return false;
      continue;
    }
    if (in_order({t}, others_of(*own))) return false;
  }
  return true;
}

Touches Ahead::extend(Waiting& w, std::size_t at, const Needed& needed) {
  Links links = w.links;
  std::vector<Candidate> found;
  const auto commute = [&](const Touches& all, std::size_t i) {
    return std::ranges::all_of(
        all, [&](const Touch& t) { return commutes(t, at, std::span(found).first(i + 1)); });
  };
  for (auto c = next(links, at); c && c->event - at <= kFar; c = next(links, c->event)) {
    const Touches others = others_of(*c);
    const auto alone = [&](const Link& link) { return !in_order({write_of(link)}, others); };
    if (!may_follow(links, w.product, c->link, false) || !std::ranges::all_of(links, alone)) break;
    found.push_back(*c);
    if (!commute(reads_of(c->link), found.size() - 1)) {
      found.pop_back();
      break;
    }
    links.push_back(c->link);
  }
  // What others read is written early, too.
  const auto may_write = [&](std::size_t i) {
    const auto before = links.begin() + static_cast<std::ptrdiff_t>(w.links.size() + i);
    return !before->keep || (may_follow({links.begin(), before}, w.product, *before, true) &&
                             commute({write_of(*before)}, i));
  };
  for (; !found.empty(); found.pop_back(), links.pop_back()) {
    const std::size_t next = found.back().event + 1;
    keep_needed(links, [&](const Region& place) { return needed(place, next); });
    std::size_t good = 0;
    while (good < found.size() && may_write(good)) ++good;
    if (good == found.size()) break;
  }
  Touches touches;
  for (std::size_t i = 0; i < found.size(); ++i) {
    Link& link = links[w.links.size() + i];
    link.passes = !link.keep;
    for (const Touch& t : reads_of(link)) touches.push_back(t);
    if (link.keep) touches.push_back(write_of(link));
    done_[found[i].event].push_back(found[i].columns);
    w.next = found[i].event + 1;
  }
  w.links = std::move(links);
  w.touches.insert(w.touches.end(), touches.begin(), touches.end());
  return touches;
}

std::optional<Elementwise> Ahead::early(std::size_t event, std::size_t at) const {
  if (event >= order_.size() || event - at > kFar || !order_[event].step || done_.contains(event))
    return std::nullopt;
  for (std::size_t between = at; between < event; ++between)
    if (in_order(touches_[event], touches_[between])) return std::nullopt;
  return elementwise_of(order_[event].step->op);
}

void Ahead::mark(std::size_t event) {
  done_[event] = {{0, result_of(*elementwise_of(order_[event].step->op)).count}};
}

std::optional<std::vector<Columns>> Ahead::left(std::size_t at) const {
  const auto found = done_.find(at);
  if (found == done_.end()) return std::nullopt;
  auto done = found->second;
  std::ranges::sort(done, {}, &Columns::begin);
  std::vector<Columns> left;
  std::uint32_t begin = 0;
  done.push_back({result_of(*elementwise_of(order_[at].step->op)).count, 0});
  for (const Columns c : done) {
    if (begin < c.begin) left.push_back({begin, c.begin});
    begin = c.end;
  }
  return left;
}

}  // namespace neuron::sim

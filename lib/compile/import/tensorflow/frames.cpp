// SPDX-License-Identifier: Apache-2.0
// Which operators belong to which loop. TensorFlow 1 writes a loop as a cycle: Enter nodes lead
// into a frame, NextIteration nodes back to its Merges, Exit nodes out of it.
#include <algorithm>
#include <queue>

#include "compile/import/tensorflow/body.h"

namespace neuron::compile::tensorflow {
namespace {

constexpr std::uint32_t kNoFrame = ~std::uint32_t{0};
constexpr std::size_t kDeepest = 16;

bool is_kind(const Op& op, std::string_view kind) {
  return op.kind == kind || (op.kind.starts_with("Ref") && op.kind.substr(3) == kind);
}

/// An edge that leads back to the beginning of a loop.
bool leads_back(const Body& body, std::uint32_t from, std::uint32_t to) {
  return is_kind(body.ops[to], "Merge") && is_kind(body.ops[from], "NextIteration");
}

struct Sorter {
  const Body& body;
  const std::vector<bool>& given;
  std::vector<bool> needed = {};
  std::vector<std::uint32_t> order = {};
  std::vector<std::uint32_t> frame = {};
  std::vector<Frame> frames = {};

  template <class Visit>
  void each_input(std::uint32_t op, Visit visit) const {
    if (given[op]) return;
    for (const Edge& edge : body.ops[op].inputs) visit(edge.op);
    for (std::uint32_t control : body.ops[op].controls) visit(control);
  }

  void find_needed(const std::vector<std::uint32_t>& targets);
  Result<> sort();
  Result<> assign();
  std::uint32_t lift(std::uint32_t from, std::uint32_t into) const;
  Result<> order_frame(std::uint32_t at);
};

void Sorter::find_needed(const std::vector<std::uint32_t>& targets) {
  needed.assign(body.ops.size(), false);
  std::vector<std::uint32_t> stack = targets;
  while (!stack.empty()) {
    const std::uint32_t op = stack.back();
    stack.pop_back();
    if (needed[op]) continue;
    needed[op] = true;
    each_input(op, [&](std::uint32_t from) { stack.push_back(from); });
  }
}

// Whatever is ready, first in the file first. `edges(visit)` tells all pairs.
template <class Edges>
std::vector<std::uint32_t> sorted(std::size_t count, const std::vector<bool>& take, Edges edges) {
  std::vector<std::vector<std::uint32_t>> readers(count);
  std::vector<std::uint32_t> missing(count);
  edges([&](std::uint32_t from, std::uint32_t to) {
    readers[from].push_back(to);
    ++missing[to];
  });
  std::priority_queue<std::uint32_t, std::vector<std::uint32_t>, std::greater<>> ready;
  for (std::uint32_t i = 0; i < count; ++i)
    if (take[i] && missing[i] == 0) ready.push(i);
  std::vector<std::uint32_t> order;
  while (!ready.empty()) {
    order.push_back(ready.top());
    ready.pop();
    for (std::uint32_t reader : readers[order.back()])
      if (--missing[reader] == 0) ready.push(reader);
  }
  return order;
}

Result<> Sorter::sort() {
  order = sorted(body.ops.size(), needed, [&](auto add) {
    for (std::uint32_t op = 0; op < body.ops.size(); ++op)
      if (needed[op])
        each_input(op, [&](std::uint32_t from) {
          if (!leads_back(body, from, op)) add(from, op);
        });
  });
  const auto all = static_cast<std::size_t>(std::count(needed.begin(), needed.end(), true));
  if (order.size() == all) return {};
  std::vector<bool> done(body.ops.size());
  for (std::uint32_t op : order) done[op] = true;
  for (std::uint32_t op = 0; op < body.ops.size(); ++op)
    if (needed[op] && !done[op])
      return fail(Code::Malformed, "node '{}' depends on itself", body.ops[op].name);
  return {};
}

std::string frame_name(const Op& op) {
  const auto at =
      op.attributes ? op.attributes->find("frame_name") : AttributeMap::const_iterator();
  return op.attributes && at != op.attributes->end() ? at->second.s() : std::string();
}

Result<> Sorter::assign() {
  frames.push_back({});
  frame.assign(body.ops.size(), kNoFrame);
  std::vector<std::size_t> depth{0};
  for (std::uint32_t op : order) {
    const Op& node = body.ops[op];
    std::uint32_t deepest = 0;
    each_input(op, [&](std::uint32_t from) {
      if (frame[from] != kNoFrame && depth[frame[from]] > depth[deepest]) deepest = frame[from];
    });
    if (!given[op] && is_kind(node, "Exit")) {
      if (deepest == 0) return fail(Code::Malformed, "node '{}' leaves no loop", node.name);
      deepest = frames[deepest].parent;
    }
    if (!given[op] && is_kind(node, "Enter")) {
      const std::string name = frame_name(node);
      std::uint32_t at = 1;
      while (at < frames.size() && (frames[at].name != name || frames[at].parent != deepest)) ++at;
      if (at == frames.size()) {
        frames.push_back({name, deepest, {}, {}, {}});
        depth.push_back(depth[deepest] + 1);
        if (depth.back() > kDeepest)
          return fail(Code::Malformed, "loops inside of loops, {} deep", depth.back());
      }
      deepest = at;
    }
    frame[op] = deepest;
    if (given[op]) continue;
    if (is_kind(node, "LoopCond")) frames[deepest].condition = op;
    if (is_kind(node, "Merge"))
      for (const Edge& edge : node.inputs)
        if (leads_back(body, edge.op, op)) frames[deepest].merges.push_back(op);
  }
  return {};
}

// The frame just inside of `into` that holds `from`; kNoFrame when it is not inside.
std::uint32_t Sorter::lift(std::uint32_t from, std::uint32_t into) const {
  while (from != 0 && frames[from].parent != into) from = frames[from].parent;
  return from == 0 ? kNoFrame : from;
}

Result<> Sorter::order_frame(std::uint32_t at) {
  const auto ops = static_cast<std::uint32_t>(body.ops.size());
  std::vector<bool> take(ops + frames.size());
  const auto unit_of = [&](std::uint32_t op) {
    if (frame[op] == at) return op;
    const std::uint32_t inside = lift(frame[op], at);
    return inside == kNoFrame ? kNoFrame : ops + inside;
  };
  for (std::uint32_t op : order)
    if (const std::uint32_t unit = unit_of(op); unit != kNoFrame) take[unit] = true;
  const auto units = sorted(take.size(), take, [&](auto add) {
    for (std::uint32_t op : order) {
      const std::uint32_t to = unit_of(op);
      if (to == kNoFrame) continue;
      each_input(op, [&](std::uint32_t from) {
        const std::uint32_t unit = unit_of(from);
        if (unit != kNoFrame && unit != to && !leads_back(body, from, op)) add(unit, to);
      });
    }
  });
  if (units.size() != static_cast<std::size_t>(std::count(take.begin(), take.end(), true)))
    return fail(Code::Malformed, "the loop '{}' reads what depends on it", frames[at].name);
  for (std::uint32_t unit : units)
    frames[at].order.push_back(unit < ops ? Unit{false, unit} : Unit{true, unit - ops});
  return {};
}

}  // namespace

std::vector<bool> needed_of(const Body& body, const std::vector<std::uint32_t>& targets,
                            const std::vector<bool>& given) {
  Sorter sorter{body, given};
  sorter.find_needed(targets);
  return sorter.needed;
}

Result<std::vector<Frame>> frames_of(const Body& body, const std::vector<std::uint32_t>& targets,
                                     const std::vector<bool>& given) {
  Sorter sorter{body, given};
  sorter.find_needed(targets);
  TRY(sorter.sort());
  TRY(sorter.assign());
  for (std::uint32_t at = 0; at < sorter.frames.size(); ++at) TRY(sorter.order_frame(at));
  return std::move(sorter.frames);
}

}  // namespace neuron::compile::tensorflow

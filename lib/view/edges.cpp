// SPDX-License-Identifier: Apache-2.0
#include "view/edges.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <optional>

namespace neuron::view {
namespace {

// In traces of real devices a semaphore changes 9 to 14 ns after its instruction ends; a wait that
// ends with an update begins about 20 ns after it, and may be stamped a little early.
constexpr std::int64_t kSignalPs = 100'000, kSlackPs = 2'000;

using Key = std::pair<std::uint8_t, std::int64_t>;  // core and semaphore
struct Signals {
  std::vector<const SemaphoreUpdate*> updates;                  // in order of time
  std::vector<std::pair<std::int64_t, std::uint32_t>> raisers;  // end and instruction, sorted
};

/// The update after which the condition held, as seen when the waiter began.
const SemaphoreUpdate* reached(const Signals& signals, std::int64_t at_least, std::int64_t begin) {
  const auto& updates = signals.updates;
  auto at = std::partition_point(updates.begin(), updates.end(), [&](const SemaphoreUpdate* u) {
    return u->at_ps <= begin + kSlackPs;
  });
  const SemaphoreUpdate* found = nullptr;
  // Back to the first update of the run that satisfies; waits look a few updates back at most.
  for (int i = 0; at != updates.begin() && i < 4096; ++i) {
    const SemaphoreUpdate* u = *--at;
    if (u->value < at_least) break;
    found = u;
  }
  return found;
}

/// Takes a whole number from the front of `text`.
std::optional<std::int64_t> take_number(std::string_view& text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc()) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return value;
}

}  // namespace

SyncText parse_sync(std::string_view operands) {
  SyncText sync;
  for (auto at = operands.find("S["); at != std::string_view::npos; at = operands.find("S[")) {
    operands.remove_prefix(at + 2);
    const auto semaphore = take_number(operands);
    if (!semaphore || operands.substr(0, 1) != "]") continue;
    operands.remove_prefix(1);
    std::string owner;
    if (const auto close = operands.find(')');
        operands.substr(0, 2) == " (" && close != std::string_view::npos) {
      owner = operands.substr(2, close - 2);
      operands.remove_prefix(close + 1);
    }
    const std::string_view sign = operands.substr(0, 2);
    if (sign == "++" && sync.raises < 0) sync.raises = *semaphore;
    if ((sign != ">=" && sign != "==") || sync.waits_for >= 0) continue;
    operands.remove_prefix(2);
    if (const auto value = take_number(operands)) {
      sync.waits_for = *semaphore;
      sync.at_least = *value;
      sync.owner = std::move(owner);
    }
  }
  return sync;
}

std::vector<Edge> edges_of(const Timeline& timeline) {
  std::vector<std::optional<SyncText>> parsed(timeline.texts.size());
  const auto sync_of = [&](const Instruction& i) -> const SyncText& {
    auto& known = parsed[i->operands.value];
    if (!known) known = parse_sync(timeline.text(i->operands));
    return *known;
  };
  std::map<Key, Signals> signals;
  for (const SemaphoreUpdate& u : passing(timeline.semaphores))
    signals[{u.core, u.id}].updates.push_back(&u);
  for (std::uint32_t i = 0; i < timeline.instructions.size(); ++i) {
    const Instruction& e = timeline.instructions[i];
    if (const SyncText& sync = sync_of(e); sync.raises >= 0)
      signals[{e->core, sync.raises}].raisers.emplace_back(e.end_ps, i);
  }
  for (auto& [key, list] : signals) std::sort(list.raisers.begin(), list.raisers.end());
  std::vector<Edge> edges;
  for (std::uint32_t i = 0; i < timeline.instructions.size(); ++i) {
    const Instruction& e = timeline.instructions[i];
    const SyncText& sync = sync_of(e);
    if (sync.waits_for < 0) continue;
    const Signals& list = signals[{e->core, sync.waits_for}];
    const SemaphoreUpdate* update = reached(list, sync.at_least, e.begin_ps);
    if (!update) continue;
    auto raiser = std::upper_bound(list.raisers.begin(), list.raisers.end(),
                                   std::pair(update->at_ps, UINT32_MAX));
    if (raiser == list.raisers.begin()) continue;
    --raiser;
    if (raiser->first >= update->at_ps - kSignalPs && raiser->second != i)
      edges.push_back({raiser->second, i});
  }
  return edges;
}

}  // namespace neuron::view

// SPDX-License-Identifier: Apache-2.0
#include "compile/memory.h"

#include <algorithm>

namespace neuron::compile {
namespace {
constexpr std::uint64_t kGrain = 64;  // keeps tiles apart by whole reads of the memories
std::uint64_t grains(std::uint64_t bytes) {
  return std::max(kGrain, (bytes + kGrain - 1) / kGrain * kGrain);
}
}  // namespace

Block::~Block() { arena->give(begin, bytes); }

Tile Arena::take(const std::shared_ptr<Arena>& arena, std::uint64_t bytes) {
  const std::uint64_t size = grains(bytes);
  auto at = arena->cut(arena->cursor_, size);
  if (!at) at = arena->cut(0, size);
  if (!at) return nullptr;
  arena->cursor_ = *at + size;
  arena->high_ = std::max(arena->high_, arena->cursor_);
  return std::make_shared<const Block>(arena, *at, size);
}

Tile Arena::take_last(const std::shared_ptr<Arena>& arena, std::uint64_t bytes) {
  const std::uint64_t size = grains(bytes);
  const auto at = arena->cut_last(size);
  if (!at) return nullptr;
  arena->high_ = std::max(arena->high_, *at + size);
  return std::make_shared<const Block>(arena, *at, size);
}

std::optional<std::uint64_t> Arena::cut_last(std::uint64_t bytes) {
  for (auto hole = free_.rbegin(); hole != free_.rend(); ++hole) {
    const auto [begin, end] = *hole;
    if (end - begin < bytes) continue;
    const std::uint64_t at = (end - bytes) / kGrain * kGrain;
    if (at < begin) continue;
    free_.erase(begin);
    if (begin < at) free_[begin] = at;
    if (at + bytes < end) free_[at + bytes] = end;
    return at;
  }
  return std::nullopt;
}

std::optional<std::uint64_t> Arena::cut(std::uint64_t from, std::uint64_t bytes) {
  auto hole = free_.upper_bound(from);
  if (hole != free_.begin() && std::prev(hole)->second > from) --hole;
  for (; hole != free_.end(); ++hole) {
    const auto [begin, end] = *hole;
    const std::uint64_t at = std::max(begin, from);
    if (end - at < bytes) continue;
    free_.erase(hole);
    if (begin < at) free_[begin] = at;
    if (at + bytes < end) free_[at + bytes] = end;
    return at;
  }
  return std::nullopt;
}

void Arena::give(std::uint64_t begin, std::uint64_t bytes) {
  std::uint64_t end = begin + bytes;
  auto next = free_.lower_bound(begin);
  if (next != free_.end() && next->first == end) {
    end = next->second;
    next = free_.erase(next);
  }
  if (next != free_.begin() && std::prev(next)->second == begin)
    std::prev(next)->second = end;
  else
    free_[begin] = end;
}

}  // namespace neuron::compile

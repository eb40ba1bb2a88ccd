// SPDX-License-Identifier: Apache-2.0
// Regions begin at multiples of their size, so that an address tells where its region begins.
#include "sim/plan/pages.h"

#include <atomic>
#include <cstdint>
#include <mutex>
#include <new>

#include "base/pages.h"

namespace neuron::sim {
namespace {

constexpr std::size_t kRegion = std::size_t{32} << 20;

/// At the front of a region.
struct Region {
  Pages pages;  ///< this is in
  std::size_t used = kLine;
  std::atomic<std::size_t> users = 1;
};
static_assert(sizeof(Region) <= kLine);

std::size_t rounded(std::size_t bytes, std::size_t to) { return (bytes + to - 1) / to * to; }

Region* new_region(std::size_t size) {
  auto pages = Pages::map(size, kRegion);
  if (!pages) throw std::bad_alloc();
  void* const at = pages->bytes().data();
  return new (at) Region{*std::move(pages)};
}

void leave(Region* region) {
  if (--region->users == 0) const Pages gone = std::move(region->pages);
}

/// The region that is handed out at present; it counts as a user.
struct Current {
  std::mutex guard;
  Region* region = nullptr;
};
Current& current() {
  static Current* const one = new Current;  // plans may go while the process ends
  return *one;
}

void* take(Region& region, std::size_t bytes) {
  auto* const at = reinterpret_cast<std::byte*>(&region) + region.used;
  region.used += bytes;
  return at;
}

}  // namespace

void* take_pages(std::size_t bytes) {
  constexpr std::size_t kOwn = kRegion / 4;
  if (bytes > SIZE_MAX / 2) throw std::bad_alloc();
  bytes = rounded(bytes, kLine);
  if (bytes > kOwn) return take(*new_region(rounded(bytes + kLine, kHugePage)), bytes);
  Current& now = current();
  const std::lock_guard lock(now.guard);
  if (now.region == nullptr || now.region->used + bytes > kRegion) {
    Region* const fresh = new_region(kRegion);
    if (now.region != nullptr) leave(now.region);
    now.region = fresh;
  }
  ++now.region->users;
  return take(*now.region, bytes);
}

void give_pages_back(void* at) {
  const auto address = reinterpret_cast<std::uintptr_t>(at);
  leave(reinterpret_cast<Region*>(address / kRegion * kRegion));
}

}  // namespace neuron::sim

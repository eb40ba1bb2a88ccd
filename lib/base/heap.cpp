// SPDX-License-Identifier: Apache-2.0
#include "base/heap.h"

#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>

#if defined(__GLIBC__)
#include <malloc.h>
#endif

#include "base/pages.h"

namespace neuron {

void keep_heap_in_huge_pages() {
#if defined(__GLIBC__)
  constexpr int kAtOnce = 64 << 20;   ///< addresses; pages appear when they are touched
  constexpr int kLargest = 32 << 20;  ///< that comes from the heap; more has a mapping of its own
  constexpr int kKept = 256 << 20;    ///< at the end of the heap when it is free
  mallopt(M_TOP_PAD, kAtOnce);
  mallopt(M_MMAP_THRESHOLD, kLargest);
  mallopt(M_TRIM_THRESHOLD, kKept);
  const auto end = reinterpret_cast<std::uintptr_t>(::sbrk(0));
  ::sbrk(static_cast<std::intptr_t>(-end & (kHugePage - 1)));  // up to where a huge page begins
  auto* const begin = static_cast<std::byte*>(::sbrk(0));
  void* volatile some = std::malloc(kHugePage);  // more than there is, so the heap grows
  std::free(some);
  auto* const grown = static_cast<std::byte*>(::sbrk(0));
  if (grown > begin) ::madvise(begin, static_cast<std::size_t>(grown - begin), MADV_HUGEPAGE);
#endif
}

}  // namespace neuron

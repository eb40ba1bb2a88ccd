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

namespace neuron {

void keep_heap_in_huge_pages() {
#if defined(__GLIBC__)
  constexpr int kAtOnce = 64 << 20;   ///< addresses; pages appear when they are touched
  constexpr int kLargest = 32 << 20;  ///< what malloc() asks the system for by itself
  constexpr int kKept = 256 << 20;    ///< at the end of the heap when it is free
  constexpr std::uintptr_t kHugePage = std::uintptr_t{2} << 20;
  mallopt(M_TOP_PAD, kAtOnce);
  mallopt(M_MMAP_THRESHOLD, kLargest);
  mallopt(M_TRIM_THRESHOLD, kKept);
  const auto end = reinterpret_cast<std::uintptr_t>(::sbrk(0));
  ::sbrk(static_cast<std::intptr_t>(-end & (kHugePage - 1)));  // up to where a huge page begins
  auto* const begin = static_cast<std::byte*>(::sbrk(0));
  void* volatile more = std::malloc(kHugePage);  // than there is: the heap grows
  std::free(more);
  auto* const grown = static_cast<std::byte*>(::sbrk(0));
  if (grown > begin) ::madvise(begin, static_cast<std::size_t>(grown - begin), MADV_HUGEPAGE);
#endif
}

}  // namespace neuron

// SPDX-License-Identifier: Apache-2.0
#include "base/pages.h"

#include <sys/mman.h>

#include <algorithm>

namespace neuron {
namespace {

constexpr std::size_t kHugePage = std::size_t{2} << 20;

std::size_t length_of(std::size_t size) { return std::max<std::size_t>(size, 1); }

void prefer_huge(void* at, std::size_t size) {
  if (size >= 2 * kHugePage) ::madvise(at, size, MADV_HUGEPAGE);
}

}  // namespace

Result<Pages> Pages::map(std::size_t size) {
  void* at = ::mmap(nullptr, length_of(size), PROT_READ | PROT_WRITE,
                    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (at == MAP_FAILED) return fail(Code::NoResource, "cannot map {} bytes of memory", size);
  prefer_huge(at, size);
  return Pages({static_cast<std::byte*>(at), size});
}

Result<> Pages::resize(std::size_t size) {
  void* at = ::mremap(bytes_.data(), length_of(bytes_.size()), length_of(size), MREMAP_MAYMOVE);
  if (at == MAP_FAILED) return fail(Code::NoResource, "cannot map {} bytes of memory", size);
  prefer_huge(at, size);
  bytes_ = {static_cast<std::byte*>(at), size};
  return {};
}

Pages::~Pages() {
  if (bytes_.data() != nullptr) ::munmap(bytes_.data(), length_of(bytes_.size()));
}

}  // namespace neuron

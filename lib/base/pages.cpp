// SPDX-License-Identifier: Apache-2.0
#include "base/pages.h"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>

namespace neuron {
namespace {

std::size_t length_of(std::size_t size) { return std::max<std::size_t>(size, 1); }

std::size_t page_size() {
  static const auto size = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  return size;
}
std::size_t whole_pages(std::size_t size) {
  return (length_of(size) + page_size() - 1) / page_size() * page_size();
}

void prefer_huge(void* at, std::size_t size) {
  if (size >= 2 * kHugePage) ::madvise(at, size, MADV_HUGEPAGE);
}

}  // namespace

Result<Pages> Pages::map(std::size_t size, std::size_t alignment) {
  const std::size_t length = whole_pages(size), more = alignment > page_size() ? alignment : 0;
  void* const all = ::mmap(nullptr, length + more, PROT_READ | PROT_WRITE,
                           MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (all == MAP_FAILED) return fail(Code::NoResource, "cannot map {} bytes of memory", size);
  auto* const first = static_cast<std::byte*>(all);
  const std::size_t before = -reinterpret_cast<std::uintptr_t>(all) & (alignment - 1);
  if (before > 0) ::munmap(first, before);
  if (more > before) ::munmap(first + before + length, more - before);
  prefer_huge(first + before, size);
  return Pages({first + before, size});
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

// SPDX-License-Identifier: Apache-2.0
// SBUF and PSUM of one core: 64 MiB of addresses, of which pages appear when they are touched.
#include <sys/mman.h>

#include <new>
#include <utility>

#include "sim/sim.h"

namespace neuron::sim {
namespace {
constexpr std::size_t kAddresses = 2 * std::size_t{isa::kPsumBase};
}

Core::Core(isa::ArchId arch) : arch_(arch) {
  void* at = mmap(nullptr, kAddresses, PROT_READ | PROT_WRITE,
                  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (at == MAP_FAILED) throw std::bad_alloc();
  memory_ = {static_cast<std::byte*>(at), kAddresses};
}
Core::~Core() {
  if (!memory_.empty()) munmap(memory_.data(), memory_.size());
}
Core::Core(Core&& other) noexcept : arch_(other.arch_), memory_(std::exchange(other.memory_, {})) {}

}  // namespace neuron::sim

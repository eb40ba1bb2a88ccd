// SPDX-License-Identifier: Apache-2.0
// SBUF and PSUM of one core: 64 MiB of addresses, of which pages appear when they are touched.
#include <sys/mman.h>

#include <new>
#include <utility>

#include "sim/random.h"
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
Core::Core(Core&& other) noexcept
    : arch_(other.arch_),
      memory_(std::exchange(other.memory_, {})),
      rounding_(std::move(other.rounding_)),
      expects_much_(other.expects_much_) {}

void Core::expect_much() {
  if (!std::exchange(expects_much_, true))
    madvise(memory_.data(), isa::kPsumBase, MADV_HUGEPAGE);  // a hint: small pages do, too
}

void Core::round_at_random(std::uint64_t seed) {
  rounding_ = std::make_unique<Rounding>();
  for (std::size_t e = 0; e < rounding_->of_engine.size(); ++e)
    rounding_->of_engine[e] = Xorwow::seeded(seed * isa::kEngines + e);
}

}  // namespace neuron::sim

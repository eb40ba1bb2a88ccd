// SPDX-License-Identifier: Apache-2.0
#include "sim/plan/tile.h"

#include <vector>
#ifdef __x86_64__
#include <cpuid.h>
#endif

namespace neuron::sim {
namespace {

#ifdef __x86_64__
/// clang 14's __builtin_cpu_supports does not know the name.
bool has_f16c() {
  unsigned a = 0, b = 0, c = 0, d = 0;
  return __get_cpuid(1, &a, &b, &c, &d) && (c & bit_F16C);
}
#endif

std::vector<const TileKernels*> find_kernels() {
  std::vector<const TileKernels*> found;
#ifdef __x86_64__
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
      __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq"))
    found.push_back(&kAvx512Kernels);
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && has_f16c())
    found.push_back(&kAvx2Kernels);
#endif
  found.push_back(&kPlainKernels);
  return found;
}

}  // namespace

std::span<const TileKernels* const> kernels_of_host() {
  static const auto found = find_kernels();
  return found;
}

const TileKernels& tile_kernels() {
  static const TileKernels& best = *kernels_of_host().front();
  return best;
}

}  // namespace neuron::sim

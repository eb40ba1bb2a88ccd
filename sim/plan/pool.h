// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <functional>

/// Threads that share the units of a kernel. One pool for the process, made when first asked for;
/// NEURON_SIM_THREADS says how many threads work, the caller's among them (unasked as many as
/// the host has processors, at most 4).
namespace neuron::sim {

/// Threads that may work on one kernel, at least 1.
unsigned pool_threads();

/// Calls work(thread, begin, end) until all of [0, units) is done; the caller's thread is 0. When
/// another run holds the pool, the caller does it all.
void share(unsigned units, const std::function<void(unsigned, unsigned, unsigned)>& work);

}  // namespace neuron::sim

// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "nrt/collectives/benchmark.h"

/// What a benchmark gives to an operation, and what must come out of it: computed element by
/// element from the definition of the operation, by no code that runs operations.
namespace neuron::nrt::cc {

/// The values of a rank: all ones, or what the seed, the rank and the place say.
void fill_input(std::span<std::byte> bytes, const BenchmarkOptions& options, std::uint32_t rank);

/// Mismatch with the first wrong element of what this member of a group has got.
Result<> check_output(const Benchmark& benchmark, const BenchmarkOptions& options,
                      const Group& group, ByteView output);

/// The pairs of members that permute and sendrecv move along; by default each sends to the next.
Pairs pairs_of(const BenchmarkOptions& options, std::uint32_t members);

/// Metadata of this member as parts in bytes. BadUsage when it does not fit the group.
Result<> parts_of(const BenchmarkOptions& options, const Group& group, std::size_t element,
                  Parts& sends, Parts& receives);

}  // namespace neuron::nrt::cc

// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "nrt/collectives/benchmark.h"

namespace neuron::cmd {

/// One modelled row: `ranks` logical cores of the simulated instance type, in equal shares of
/// `boxes` such instances. NoResource when they have not so many.
Result<nrt::cc::BenchmarkRow> predict_row(const nrt::cc::Benchmark& benchmark, std::uint64_t size,
                                          DType type, std::uint32_t ranks, std::uint32_t boxes);

}  // namespace neuron::cmd

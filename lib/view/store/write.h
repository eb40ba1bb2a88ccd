// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "view/store.h"

namespace neuron::view {

/// Writes a timeline as a segment at `path`, whole or not at all; returns its size in bytes.
Result<std::uint64_t> write_segment(const fs::path& path, const Timeline& timeline,
                                    const std::vector<Metric>& summary);

}  // namespace neuron::view

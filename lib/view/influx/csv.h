// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <map>
#include <string>
#include <vector>

#include "base/result.h"

namespace neuron::view {

/// A row of a Flux answer: texts by the names of their columns.
using FluxRow = std::map<std::string, std::string, std::less<>>;

/// Rows of all tables of an annotated CSV (RFC 4180 with lines that start with # before each
/// header), in order. Fails where the answer is an error in the form of a table.
Result<std::vector<FluxRow>> parse_flux_csv(std::string_view text);

}  // namespace neuron::view

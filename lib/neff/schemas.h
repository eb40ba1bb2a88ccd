// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <map>
#include <string_view>

namespace neuron::neff {

/// The JSON Schemas (2020-12) of what `packager` commands print, by command: "info", "verify",
/// "diff", "extract". Keys are only ever added. They are the files of lib/neff/schemas.
std::map<std::string_view, std::string_view> schemas();

}  // namespace neuron::neff

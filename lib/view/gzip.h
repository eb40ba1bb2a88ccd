// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>

#include "base/result.h"

namespace neuron::view {
/// One gzip member (RFC 1952); `level` as zlib's, 1 to 9.
Result<std::string> gzip(std::string_view text, int level);
}  // namespace neuron::view

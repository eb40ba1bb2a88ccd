// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "base/bytes.h"
#include "base/result.h"

namespace neuron::view {
/// RFC 4648, with padding.
std::string base64(std::string_view bytes);
Result<Bytes> unbase64(std::string_view text);
}  // namespace neuron::view

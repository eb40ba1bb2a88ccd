// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>

#include "base/bytes.h"

/// Digests, by OpenSSL.
namespace neuron {
std::array<std::byte, 16> md5(ByteView bytes);
std::array<std::byte, 20> sha1(ByteView bytes);
std::array<std::byte, 32> sha256(ByteView bytes);
}  // namespace neuron

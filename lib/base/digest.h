// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <memory>

#include "base/bytes.h"

/// Digests, by OpenSSL.
namespace neuron {
std::array<std::byte, 16> md5(ByteView bytes);
std::array<std::byte, 20> sha1(ByteView bytes);
std::array<std::byte, 32> sha256(ByteView bytes);

/// A digest of bytes that come in pieces.
class Digest {
 public:
  enum class Kind { Md5, Sha1, Sha256 };
  explicit Digest(Kind kind);
  void append(ByteView piece);
  /// 16 bytes of MD5 or 20 of SHA-1 followed by zeros, or 32 of SHA-256. Ends the digest.
  std::array<std::byte, 32> finish();

 private:
  std::shared_ptr<void> state_;
};
}  // namespace neuron

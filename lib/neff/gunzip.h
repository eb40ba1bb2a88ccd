// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <zlib.h>

#include <memory>

#include "base/bytes.h"
#include "base/result.h"

namespace neuron::neff {

/// The gzip members at the front of a payload, inflated piece by piece. The promise: what follows
/// the last member is zeros (real packages are padded to 10240 bytes), checksums are checked, and
/// no more than `limit` bytes ever come out.
class Gunzip {
 public:
  Gunzip(ByteView packed, std::uint64_t limit);
  ~Gunzip();
  Gunzip(const Gunzip&) = delete;
  Gunzip& operator=(const Gunzip&) = delete;

  /// The next piece; empty at the end. Valid until the next call.
  Result<ByteView> next();

 private:
  Result<> end_of_member();

  ByteView packed_;
  std::uint64_t limit_, out_ = 0;
  z_stream stream_{};
  bool done_ = false;
  Bytes piece_;
};

}  // namespace neuron::neff

// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <functional>

#include "base/bytes.h"
#include "base/result.h"

namespace neuron::view {

/// Takes the next bytes of an output. Writers call it about once a mebibyte, so that a long trace
/// needs no more memory than a short one.
using Sink = std::function<Result<>(ByteView)>;

/// Text or bytes that grow and are handed on when there is enough of them.
class Spool {
 public:
  explicit Spool(const Sink& sink) : sink_(sink) { text.reserve(kEnough + 4096); }
  std::string text;  ///< append here, then call settle()

  /// Call after each record; hands on when a mebibyte has gathered.
  Result<> settle() { return text.size() < kEnough ? Result<>() : flush(); }
  Result<> flush() {
    if (text.empty()) return {};
    auto done = sink_(view_of(text));
    text.clear();
    return done;
  }

 private:
  static constexpr std::size_t kEnough = std::size_t{1} << 20;
  const Sink& sink_;
};

}  // namespace neuron::view

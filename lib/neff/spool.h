// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <optional>

#include "base/shared_bytes.h"

namespace neuron::neff {

/// Bytes that come in pieces and are looked at afterwards: in memory while they are few, in a
/// temporary file beyond.
class Spool {
 public:
  Result<> append(ByteView piece);
  std::uint64_t size() const { return size_; }
  Result<SharedBytes> take();

 private:
  Bytes memory_;
  std::optional<SpoolFile> file_;
  std::uint64_t size_ = 0;
};

/// Gives `bytes` to `use` in steps, whose pages leave memory behind it when they are a file's.
template <class Use>
Result<> in_steps(const SharedBytes& bytes, Use use) {
  constexpr std::size_t kStep = std::size_t{1} << 20;
  for (std::size_t at = 0; at < bytes.size(); at += kStep) {
    const auto step = bytes.part(at, std::min(kStep, bytes.size() - at));
    TRY(use(step.view()));
    step.release();
  }
  return {};
}

}  // namespace neuron::neff

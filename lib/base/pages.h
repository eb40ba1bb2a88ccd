// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <span>
#include <utility>

#include "base/result.h"

namespace neuron {

inline constexpr std::size_t kHugePage = std::size_t{2} << 20;

/// Zeroed memory that appears when it is touched: in huge pages where it is large, so that filling
/// it costs few page faults. Nothing is set aside before.
class Pages {
 public:
  Pages() = default;
  /// NoResource when the host has no such memory. Even no bytes have an address, a multiple of
  /// `alignment`, which is a power of two.
  static Result<Pages> map(std::size_t size, std::size_t alignment = 1);
  Pages(Pages&& other) noexcept : bytes_(std::exchange(other.bytes_, {})) {}
  Pages& operator=(Pages&&) = delete;
  ~Pages();

  std::span<std::byte> bytes() const { return bytes_; }
  /// Keeps the front, at another address perhaps; what is new is zeros.
  Result<> resize(std::size_t size);

 private:
  explicit Pages(std::span<std::byte> bytes) : bytes_(bytes) {}
  std::span<std::byte> bytes_;
};

}  // namespace neuron

// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// Little-endian bytes in and out. Every format of this project is little-endian.
namespace neuron {

static_assert(std::endian::native == std::endian::little, "readers copy words as they lie");

using Bytes = std::vector<std::byte>;
using ByteView = std::span<const std::byte>;

inline ByteView view_of(std::string_view text) { return std::as_bytes(std::span(text)); }
inline std::string_view text_of(ByteView bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// A sticky reader: past the end it yields zeros and remembers. Ask ok() once, after the parse.
class Reader {
 public:
  explicit Reader(ByteView bytes) : bytes_(bytes) {}

  template <class T>
  T take() {
    T value{};
    if (auto part = take(sizeof(T)); part.size() == sizeof(T))
      std::memcpy(&value, part.data(), sizeof(T));
    return value;
  }
  /// The next `count` bytes; empty and not ok() when fewer are left.
  ByteView take(std::size_t count) {
    if (count > left()) {
      ok_ = false;
      at_ = bytes_.size();
      return {};
    }
    auto part = bytes_.subspan(at_, count);
    at_ += count;
    return part;
  }
  void seek(std::size_t to) {
    ok_ = ok_ && to <= bytes_.size();
    at_ = ok_ ? to : bytes_.size();
  }
  bool ok() const { return ok_; }
  std::size_t offset() const { return at_; }
  std::size_t left() const { return bytes_.size() - at_; }

 private:
  ByteView bytes_;
  std::size_t at_ = 0;
  bool ok_ = true;
};

/// Bytes that grow at the end.
class Writer {
 public:
  template <class T>
  requires std::is_trivially_copyable_v<T>
  void put(const T& value) { append(std::as_bytes(std::span(&value, 1))); }
  void append(ByteView part) { bytes_.insert(bytes_.end(), part.begin(), part.end()); }
  void append(std::string_view text) { append(view_of(text)); }
  void zeros(std::size_t count) { bytes_.resize(bytes_.size() + count); }
  std::size_t size() const { return bytes_.size(); }
  const Bytes& bytes() const { return bytes_; }
  Bytes take() && { return std::move(bytes_); }

 private:
  Bytes bytes_;
};

/// The value of type T that lies at `at`; the caller has checked that it lies inside.
template <class T>
T load(ByteView bytes, std::size_t at) {
  T value;
  std::memcpy(&value, bytes.data() + at, sizeof(T));
  return value;
}
template <class T>
void store(std::span<std::byte> bytes, std::size_t at, const T& value) {
  std::memcpy(bytes.data() + at, &value, sizeof(T));
}

/// Lowercase hexadecimal, in memory order.
std::string hex(ByteView bytes);

}  // namespace neuron

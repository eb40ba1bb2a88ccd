// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <map>
#include <memory>
#include <optional>

/// Byte ranges of a memory that are taken and given back in program order.
///   Tile tile = Arena::take(arena, 4096);   // gives its bytes back when the last copy is gone
/// Taking goes round the memory, so that the next tile seldom lies where the last one was: a load
/// into it need not wait for the readers of the last one. That is all our double buffering. What
/// stays for long is taken from the end instead, so that the holes between stay large.
namespace neuron::compile {

class Arena;

/// A range of every SBUF partition (or of the HBM scratchpad) that is taken as long as it lives.
struct Block {
  std::shared_ptr<Arena> arena;
  std::uint64_t begin = 0, bytes = 0;
  Block(std::shared_ptr<Arena> of, std::uint64_t at, std::uint64_t size)
      : arena(std::move(of)), begin(at), bytes(size) {}
  Block(const Block&) = delete;
  Block& operator=(const Block&) = delete;
  ~Block();
};
using Tile = std::shared_ptr<const Block>;

/// Promise: ranges that were taken and not given back never overlap and end before `capacity`.
class Arena {
 public:
  explicit Arena(std::uint64_t capacity) : capacity_(capacity) { free_[0] = capacity; }
  /// A range of at least `bytes`, or null when no hole is large enough.
  static Tile take(const std::shared_ptr<Arena>& arena, std::uint64_t bytes);
  static Tile take_last(const std::shared_ptr<Arena>& arena, std::uint64_t bytes);
  std::uint64_t capacity() const { return capacity_; }
  std::uint64_t high_water() const { return high_; }

 private:
  friend struct Block;
  std::optional<std::uint64_t> cut(std::uint64_t from, std::uint64_t bytes);
  std::optional<std::uint64_t> cut_last(std::uint64_t bytes);
  void give(std::uint64_t begin, std::uint64_t bytes);

  std::uint64_t capacity_, cursor_ = 0, high_ = 0;
  std::map<std::uint64_t, std::uint64_t> free_;  ///< begin -> end
};

}  // namespace neuron::compile

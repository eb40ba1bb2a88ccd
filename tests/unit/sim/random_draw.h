// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <random>

#include "base/numbers.h"
#include "sim/sim.h"

/// What random programs are drawn with: areas of SBUF, dice, patterns, instructions in an order.
namespace neuron::sim::test {

class RandomDraw {
 public:
  static constexpr unsigned kRow = 2048;       ///< floats of each area in a partition
  static constexpr std::uint32_t kWhole = 0;   ///< small integers, what products read
  static constexpr std::uint32_t kAny = 8192;  ///< everything else
  static constexpr std::uint32_t kIdentity = 16384;
  static constexpr std::uint32_t kBands = kIdentity + 512;  ///< a small diagonal, again and again
  static constexpr unsigned kBand = 16;                     ///< its rows and columns
  static constexpr std::uint32_t kCopies = 32768;  ///< of images, which nobody reads at last
  enum Variable : std::uint32_t { Sbuf, Input, Constant, Scratch, SbufOut, PsumOut, kVariables };

  explicit RandomDraw(std::uint64_t seed) : random_(seed) {}

  Program program;
  std::vector<Bytes> data;  ///< of each variable

 protected:
  int roll(int low, int high) { return std::uniform_int_distribution<int>(low, high)(random_); }
  std::uint16_t roll16(int low, int high) { return static_cast<std::uint16_t>(roll(low, high)); }
  std::uint8_t roll8(int low, int high) { return static_cast<std::uint8_t>(roll(low, high)); }

  /// After most of what came before, or loosely after some of it.
  template <class Op>
  void add(isa::Engine engine, const Op& op) {
    isa::Sync sync;
    sync.wait_mode = isa::kWaitGreaterEqual;
    sync.wait_semaphore = sync.update_semaphore = 1;
    sync.wait_value =
        strict_ || roll(0, 9) ? count_ : static_cast<std::uint32_t>(roll(0, int(count_)));
    sync.update_mode = isa::kIncrement;
    ++count_;
    program.streams[static_cast<int>(engine)].push_back(isa::encode(sync, op));
  }

  void rows(std::uint32_t from, std::int64_t from_at, std::int64_t from_step, std::uint32_t to,
            std::int64_t to_at, std::int64_t to_step, std::int64_t bytes, std::int64_t count,
            DType to_type = DType::UInt8) {
    Descriptor d;
    const DType type = to_type == DType::UInt8 ? DType::UInt8 : DType::Float32;
    d.from.push_back({{from}, from_at, {1, from_step, 0, 0}, {bytes, count, 1, 1}, type});
    const std::int64_t wide = to_type == DType::BFloat16 ? bytes / 2 : bytes;
    d.to = {{to}, to_at, {1, to_step, 0, 0}, {wide, count, 1, 1}, to_type};
    moved({std::move(d)});
  }
  void moved(std::vector<Descriptor> descriptors) {
    Transfer t;
    t.id = static_cast<std::uint32_t>(program.transfers[4].size());
    t.semaphore = {9};
    t.descriptors = std::move(descriptors);
    isa::pseudo_dma_trigger trigger;
    trigger.queue = "q";
    trigger.dma_id = t.id;
    program.transfers[4].push_back(std::move(t));
    add(isa::Engine::Sync, trigger);
  }

  /// A pattern of `count` elements from somewhere in an area, or in a bank of PSUM.
  isa::Pattern pattern(std::uint32_t area, int count, int size = 4) {
    isa::Pattern p;
    int inner = count;
    if (count > 1 && roll(0, 2) == 0)
      for (inner = roll(1, count / 2); count % inner != 0;) --inner;
    const int outer = count / inner;
    const int room = 8192 / size;
    int step = roll(0, 4) == 0 ? roll(-2, 2) : 1;
    int pitch = inner == count ? 0 : std::abs(step) * inner + roll(0, 3);
    if (std::abs(step) * inner + pitch * outer >= room) step = 1, pitch = inner;
    const int reach = std::abs(step) * (inner - 1) + pitch * (outer - 1);
    int start = roll(0, std::max(0, room - 1 - reach));
    if (step < 0) start += -step * (inner - 1);
    p.steps = {static_cast<std::int16_t>(step), static_cast<std::int16_t>(pitch), 0, 0};
    p.nums = {static_cast<std::uint16_t>(inner), static_cast<std::uint16_t>(outer), 1, 1};
    p.start = area + static_cast<std::uint32_t>(start * size);
    return p;
  }
  static isa::Pattern line(std::uint32_t at, int count) {
    return {at, {1, 0, 0, 0}, {static_cast<std::uint16_t>(count), 1, 1, 1}};
  }
  std::uint32_t bank() { return isa::kPsumBase + 2048u * static_cast<unsigned>(roll(0, 7)); }

  bool strict_ = false;      ///< each instruction comes after all before it
  std::uint32_t count_ = 0;  ///< instructions so far, as the semaphore counts them

 private:
  std::mt19937_64 random_;
};

}  // namespace neuron::sim::test

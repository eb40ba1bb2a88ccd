// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <bit>
#include <span>
#include <vector>

#include "sim/loaded.h"
#include "sim/random.h"

/// What instructions work on while a program runs: memory, the weights in the tensor engine, and
/// rows of float32 to compute in.
namespace neuron::sim {

inline constexpr unsigned kArray = 128;  ///< rows and columns of the tensor engine's array

/// Values of fp32_mode: which half of float32 numbers takes part (0 and 3: all of them).
inline constexpr unsigned kLow = 1, kHigh = 2, kLowHigh = 3;
/// Bit of acc_flags: the first product of a group overwrites what stands in PSUM.
inline constexpr unsigned kOverwrite = 1;
inline bool is_floating(DType type) {
  switch (type) {
    case DType::BFloat16:
    case DType::Float16:
    case DType::Float32:
    case DType::Float32r:
    case DType::Fp8E3:
    case DType::Fp8E4:
    case DType::Fp8E5:
    case DType::Float64:
      return true;
    default:
      return false;
  }
}
/// The first column of the array that a mask of column groups (32 columns each) names.
inline unsigned first_column(unsigned groups) {
  return groups ? 32u * static_cast<unsigned>(std::countr_zero(groups)) : 0;
}

/// The weights in the array. Cell (k, m) lies in block m / 8, so that the matrix kernel reads
/// eight columns of a row at once.
struct Stationary {
  static constexpr unsigned kBlock = 8;
  std::vector<float> values = std::vector<float>(kArray * kArray);
  std::vector<std::uint32_t> bits = std::vector<std::uint32_t>(kArray * kArray);
  DType type = DType::Float32;  ///< of `bits`, as the last LDWEIGHTS loaded them

  static constexpr std::size_t index(unsigned k, unsigned m) {
    return (std::size_t{m / kBlock} * kArray + k) * kBlock + m % kBlock;
  }
};

/// What DVE and Pool keep between a loading instruction and the one that uses it.
struct Kept {
  std::array<std::uint8_t, 32> shuffle{};  ///< source partition of each of 32
  std::vector<std::array<float, 8>> matches = std::vector<std::array<float, 8>>(128);
  std::vector<std::vector<float>> table = std::vector<std::vector<float>>(128);
  /// Weights of the double-row form: [partition][row of two][column].
  std::vector<float> double_rows = std::vector<float>(std::size_t{kArray} * 2 * kArray);
  using Lanes = std::array<Xorwow, 128>;
  std::vector<Lanes> generators = seeded_lanes();  ///< by number, then partition

 private:
  static std::vector<Lanes> seeded_lanes();
};

struct Machine {
  Machine(std::span<std::byte> memory, std::uint32_t longest_row);

  /// The elements of one partition as float32: in place where they lie so, else in `scratch`.
  std::span<const float> read(const View& view, unsigned partition, std::vector<float>& scratch);
  /// Rounds `row` (as many as the view counts) into one partition.
  void write(const View& view, unsigned partition, std::span<const float> row);
  /// The elements of one partition as they lie, gathered.
  std::span<const std::byte> read_raw(const View& view, unsigned partition);
  void write_raw(const View& view, unsigned partition, std::span<const std::byte> row);
  /// One number at `address` in the first partition, and below it in the others.
  float scalar(std::uint32_t address, DType type, unsigned partition) const;
  void set_scalar(std::uint32_t address, unsigned partition, float value);
  /// An operand that is a float32, or the address of one in each partition.
  float operand(bool is_address, std::uint32_t value, unsigned partition) const {
    return is_address ? scalar(value, DType::Float32, partition) : std::bit_cast<float>(value);
  }

  std::span<std::byte> memory;
  Xorwow* rounding = nullptr;  ///< of the engine that runs; null: to nearest
  Stationary weights;
  Kept kept;
  std::vector<float> a, b;     ///< scratch rows of the longest length
  std::vector<float> moving;   ///< what streams into the array
  std::vector<std::byte> raw;  ///< a gathered row
};

}  // namespace neuron::sim

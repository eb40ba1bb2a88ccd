// SPDX-License-Identifier: Apache-2.0
// Rows in and out of SBUF and PSUM: gathered by their steps, widened to float32, and back.
#include "sim/machine.h"

#include <cstring>

#include "base/numbers.h"

namespace neuron::sim {
namespace {

/// Calls `body(at, elements)` for each innermost run of a partition, in order.
template <class Body>
void each_run(const View& v, std::size_t at, Body body) {
  for (std::uint32_t k = 0; k < v.nums[3]; ++k)
    for (std::uint32_t j = 0; j < v.nums[2]; ++j)
      for (std::uint32_t i = 0; i < v.nums[1]; ++i)
        body(at + std::int64_t{v.steps[3]} * k + std::int64_t{v.steps[2]} * j +
             std::int64_t{v.steps[1]} * i);
}

template <class T>
void gather(const std::byte* memory, const View& v, std::size_t at, std::byte* to) {
  each_run(v, at, [&](std::size_t run) {
    const std::byte* from = memory + run;
    for (std::uint32_t i = 0; i < v.nums[0]; ++i, from += v.steps[0], to += sizeof(T))
      std::memcpy(to, from, sizeof(T));
  });
}

template <class T>
void scatter(std::byte* memory, const View& v, std::size_t at, const std::byte* from) {
  each_run(v, at, [&](std::size_t run) {
    std::byte* to = memory + run;
    for (std::uint32_t i = 0; i < v.nums[0]; ++i, to += v.steps[0], from += sizeof(T))
      std::memcpy(to, from, sizeof(T));
  });
}

std::size_t start_of(const View& v, unsigned partition) {
  return v.at + std::size_t{partition} * isa::kPartitionStride;
}

}  // namespace

std::vector<Kept::Lanes> Kept::seeded_lanes() {
  std::vector<Lanes> out(kGenerators);
  for (std::uint64_t g = 0; g < kGenerators; ++g)
    for (std::uint64_t p = 0; p < out[g].size(); ++p) out[g][p] = Xorwow::seeded(g << 32 | p);
  return out;
}

Machine::Machine(std::span<std::byte> memory, std::uint32_t longest_row)
    : memory(memory), a(longest_row), b(longest_row), raw(std::size_t{longest_row} * 8) {}

std::span<const std::byte> Machine::read_raw(const View& v, unsigned partition) {
  const std::size_t at = start_of(v, partition), bytes = std::size_t{v.count} * v.size;
  if (v.dense) return memory.subspan(at, bytes);
  switch (v.size) {
    case 1:
      gather<std::uint8_t>(memory.data(), v, at, raw.data());
      break;
    case 2:
      gather<std::uint16_t>(memory.data(), v, at, raw.data());
      break;
    case 4:
      gather<std::uint32_t>(memory.data(), v, at, raw.data());
      break;
    default:
      gather<std::uint64_t>(memory.data(), v, at, raw.data());
  }
  return std::span(raw).first(bytes);
}

void Machine::write_raw(const View& v, unsigned partition, std::span<const std::byte> row) {
  const std::size_t at = start_of(v, partition);
  if (v.dense) {
    std::memmove(memory.data() + at, row.data(), row.size());
    return;
  }
  switch (v.size) {
    case 1:
      return scatter<std::uint8_t>(memory.data(), v, at, row.data());
    case 2:
      return scatter<std::uint16_t>(memory.data(), v, at, row.data());
    case 4:
      return scatter<std::uint32_t>(memory.data(), v, at, row.data());
    default:
      return scatter<std::uint64_t>(memory.data(), v, at, row.data());
  }
}

std::span<const float> Machine::read(const View& v, unsigned partition,
                                     std::vector<float>& scratch) {
  if (v.direct)
    return {reinterpret_cast<const float*>(memory.data() + start_of(v, partition)), v.count};
  const std::span<float> row = std::span(scratch).first(v.count);
  to_floats(read_raw(v, partition), v.type, row);
  return row;
}

void Machine::write(const View& v, unsigned partition, std::span<const float> row) {
  const std::size_t size = std::size_t{v.count} * v.size;
  const auto bytes =
      v.dense ? memory.subspan(start_of(v, partition), size) : std::span(raw).first(size);
  if (rounding != nullptr)
    from_floats_at_random(row, v.type, bytes, [this] { return rounding->next(); });
  else
    from_floats(row, v.type, bytes);
  if (!v.dense) write_raw(v, partition, bytes);
}

float Machine::scalar(std::uint32_t address, DType type, unsigned partition) const {
  return load_as_float(memory.subspan(address + std::size_t{partition} * isa::kPartitionStride), 0,
                       type);
}

void Machine::set_scalar(std::uint32_t address, unsigned partition, float value) {
  store_float(memory.subspan(address + std::size_t{partition} * isa::kPartitionStride), 0,
              DType::Float32, value);
}

}  // namespace neuron::sim

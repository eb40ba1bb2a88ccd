// SPDX-License-Identifier: Apache-2.0
#include "sim/plan/pieces.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "base/numbers.h"

namespace neuron::sim {
namespace {

constexpr unsigned kAtOnce = 64;  ///< elements converted at a time

/// Gathers `count` elements that are `step` bytes apart.
void gather(const std::byte* from, std::int64_t step, unsigned size, unsigned count,
            std::byte* to) {
  for (unsigned i = 0; i < count; ++i, from += step, to += size) std::memcpy(to, from, size);
}
void scatter(const std::byte* from, std::int64_t step, unsigned size, unsigned count,
             std::byte* to) {
  for (unsigned i = 0; i < count; ++i, from += size, to += step) std::memcpy(to, from, size);
}

}  // namespace

bool same_place(const View& a, const View& b) {
  return a.at == b.at && a.steps == b.steps && a.nums == b.nums && a.partitions == b.partitions &&
         a.type == b.type;
}

std::vector<std::int32_t> offsets_of(const View& v) {
  std::vector<std::int32_t> out;
  out.reserve(v.count);
  for (std::uint32_t l = 0; l < v.nums[3]; ++l)
    for (std::uint32_t k = 0; k < v.nums[2]; ++k)
      for (std::uint32_t j = 0; j < v.nums[1]; ++j)
        for (std::uint32_t i = 0; i < v.nums[0]; ++i)
          out.push_back(static_cast<std::int32_t>(
              std::int64_t{v.steps[0]} * i + std::int64_t{v.steps[1]} * j +
              std::int64_t{v.steps[2]} * k + std::int64_t{v.steps[3]} * l));
  return out;
}

bool repeats(const View& v) {
  auto offsets = offsets_of(v);
  std::ranges::sort(offsets);
  const auto close = [&](std::int32_t a, std::int32_t b) {
    return b - a < static_cast<std::int32_t>(v.size);
  };
  return std::ranges::adjacent_find(offsets, close) != offsets.end();
}

Pieces pieces_of(const std::vector<std::int32_t>& offsets, const std::vector<std::int32_t>& columns,
                 std::int32_t begin, std::int32_t end, unsigned size) {
  Pieces out;
  std::vector<bool> covered(static_cast<std::size_t>(end - begin));
  const auto bytes = static_cast<std::int32_t>(size);
  std::int32_t last = 0;  // offset of the last element of the current run
  for (std::size_t i = 0; i < offsets.size(); ++i) {
    if (columns[i] < begin || columns[i] >= end) continue;
    const auto column = static_cast<std::uint16_t>(columns[i] - begin);
    covered[column] = true;
    const std::int32_t step = offsets[i] - last;
    const bool fits = step % bytes == 0 && std::abs(step / bytes) < 0x8000;
    if (Piece* run = out.runs.empty() ? nullptr : &out.runs.back();
        run && fits && column == run->to + run->count &&
        (run->count == 1 || step == run->step * bytes)) {
      run->step = static_cast<std::int16_t>(step / bytes);
      ++run->count;
    } else {
      out.runs.push_back({offsets[i], column, 1, 1});
    }
    last = offsets[i];
  }
  out.full = std::find(covered.begin(), covered.end(), false) == covered.end();
  return out;
}

void load_rows(RowsAt place, const View& view, unsigned rows, const Pieces& pieces, float* block,
               std::size_t step, unsigned ahead) {
  const std::byte* at = place.first;
  if (const auto form = form_of(view.type)) {
    pack_rows({*form, at, place.step, rows, pieces.runs.data(), pieces.runs.size(), ahead}, block,
              step);
    return;
  }
  std::array<std::byte, kAtOnce * 8> raw;
  for (unsigned r = 0; r < rows; ++r, at += place.step, block += step)
    for (const Piece& p : pieces.runs)
      for (unsigned done = 0; done < p.count; done += kAtOnce) {
        const unsigned count = std::min<unsigned>(kAtOnce, p.count - done);
        const std::int64_t bytes = std::int64_t{p.step} * view.size;
        gather(at + p.from + done * bytes, bytes, view.size, count, raw.data());
        to_floats(std::span(raw).first(std::size_t{count} * view.size), view.type,
                  {block + p.to + done, count});
      }
}

void store_rows(std::byte* core, const View& view, unsigned first, unsigned rows,
                const Pieces& pieces, const float* block, std::size_t step) {
  std::byte* at = core + row_start(view, first);
  if (view.type == DType::Float32)
    return tile_kernels().unpack(
        {Form::Float32, at, isa::kPartitionStride, rows, pieces.runs.data(), pieces.runs.size()},
        at, block, step);
  std::array<std::byte, kAtOnce * 8> raw;
  for (unsigned r = 0; r < rows; ++r, at += isa::kPartitionStride, block += step)
    for (const Piece& p : pieces.runs)
      for (unsigned done = 0; done < p.count; done += kAtOnce) {
        const unsigned count = std::min<unsigned>(kAtOnce, p.count - done);
        const std::int64_t bytes = std::int64_t{p.step} * view.size;
        from_floats({block + p.to + done, count}, view.type,
                    std::span(raw).first(std::size_t{count} * view.size));
        scatter(raw.data(), bytes, view.size, count, at + p.from + done * bytes);
      }
}

}  // namespace neuron::sim

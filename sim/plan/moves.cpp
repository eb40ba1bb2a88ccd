// SPDX-License-Identifier: Apache-2.0
#include "sim/plan/moves.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

namespace neuron::sim {
namespace {

struct Dimension {
  std::int64_t size, step;
};
std::vector<Dimension> dimensions_of(const Side& side) {
  std::vector<Dimension> out;
  for (std::size_t d = 0; d < 4; ++d)
    if (side.sizes[d] != 1) out.push_back({side.sizes[d], side.steps[d]});
  return out;
}

/// Takes the dimensions of both sides apart until they are the same loops; false when no whole
/// number of turns of one is a turn of the other.
bool match_loops(const Side& from, const Side& to, std::vector<Loop>& out) {
  auto a = dimensions_of(from), b = dimensions_of(to);
  std::size_t i = 0, j = 0;
  while (i < a.size() && j < b.size()) {
    const std::int64_t turns = std::min(a[i].size, b[j].size);
    if (a[i].size % turns != 0 || b[j].size % turns != 0) return false;
    out.push_back({turns, a[i].step, b[j].step});
    a[i] = {a[i].size / turns, a[i].step * turns};
    b[j] = {b[j].size / turns, b[j].step * turns};
    i += a[i].size == 1;
    j += b[j].size == 1;
  }
  return i == a.size() && j == b.size();
}

/// Loops that go on where the one inside ends are one loop with it.
void join_loops(std::vector<Loop>& loops) {
  std::vector<Loop> out;
  for (const Loop& loop : loops) {
    if (loop.count == 1) continue;
    if (!out.empty() && loop.from_step == out.back().from_step * out.back().count &&
        loop.to_step == out.back().to_step * out.back().count)
      out.back().count *= loop.count;
    else
      out.push_back(loop);
  }
  loops = std::move(out);
}

/// First and last byte of a side.
std::pair<std::int64_t, std::int64_t> extent(const Side& side) {
  std::int64_t low = side.offset, high = side.offset;
  for (int d = 0; d < 4; ++d) {
    const std::int64_t span = side.steps[d] * (side.sizes[d] - 1);
    (span < 0 ? low : high) += span;
  }
  return {low, high};
}

bool apart(std::pair<std::int64_t, std::int64_t> a, std::pair<std::int64_t, std::int64_t> b) {
  return a.second < b.first || b.second < a.first;
}

/// The same within partitions, whose rows may be apart where all bytes in between are not. Steps of
/// no whole partition stay within a row.
std::pair<std::int64_t, std::int64_t> extent_in_rows(Side side) {
  side.offset %= isa::kPartitionStride;
  for (int d = 0; d < 4; ++d)
    if (side.steps[d] % isa::kPartitionStride == 0) side.steps[d] = 0;
  return extent(side);
}

bool may_overlap(const Descriptor& d) {
  if (d.from[0].variable != d.to.variable || apart(extent(d.from[0]), extent(d.to))) return false;
  const auto from = extent_in_rows(d.from[0]), to = extent_in_rows(d.to);
  const bool in_rows = from.first >= 0 && to.first >= 0 && from.second < isa::kPartitionStride &&
                       to.second < isa::kPartitionStride;
  return !in_rows || !apart(from, to);
}

bool move_of(const Descriptor& d, Move& move) {
  if (d.op != DmaOp::Copy || d.from[0].type != d.to.type || may_overlap(d)) return false;
  move = {d.from[0].variable, d.to.variable, d.from[0].offset, d.to.offset, 1, {}};
  if (!match_loops(d.from[0], d.to, move.loops)) return false;
  join_loops(move.loops);
  if (!move.loops.empty() && move.loops[0].from_step == 1 && move.loops[0].to_step == 1) {
    move.run = move.loops[0].count;
    move.loops.erase(move.loops.begin());
  }
  return true;
}

/// Another turn of `last`'s outermost loop, or the second of a new one.
bool continues(Move& last, std::int64_t& descriptors, const Move& next, const Move& first) {
  if (last.from != next.from || last.to != next.to || last.run != next.run ||
      first.loops != next.loops)
    return false;
  if (descriptors == 1) {
    last.loops.push_back({2, next.from_at - last.from_at, next.to_at - last.to_at});
  } else {
    Loop& outer = last.loops.back();
    if (next.from_at != last.from_at + outer.count * outer.from_step ||
        next.to_at != last.to_at + outer.count * outer.to_step)
      return false;
    ++outer.count;
  }
  ++descriptors;
  return true;
}

template <class Copy>
void each_run(const Move& m, std::size_t depth, const std::byte* from, std::byte* to, Copy copy) {
  if (depth == 0) return copy(from, to);
  const Loop& loop = m.loops[depth - 1];
  for (std::int64_t i = 0; i < loop.count; ++i, from += loop.from_step, to += loop.to_step)
    if (depth == 1)
      copy(from, to);
    else
      each_run(m, depth - 1, from, to, copy);
}

template <std::size_t BYTES>
void copy_fixed(const std::byte* from, std::byte* to) {
  std::memcpy(to, from, BYTES);
}

/// All turns of the loops below the outermost one.
void run_below(const Move& m, std::size_t depth, const std::byte* from, std::byte* to) {
  switch (m.run) {
    case 1:
      return each_run(m, depth, from, to, copy_fixed<1>);
    case 2:
      return each_run(m, depth, from, to, copy_fixed<2>);
    case 4:
      return each_run(m, depth, from, to, copy_fixed<4>);
    case 8:
      return each_run(m, depth, from, to, copy_fixed<8>);
    default:
      each_run(m, depth, from, to,
               [run = static_cast<std::size_t>(m.run)](const std::byte* a, std::byte* b) {
                 std::memcpy(b, a, run);
               });
  }
}

std::int64_t bytes_moved(const Move& m) {
  std::int64_t bytes = m.run;
  for (const Loop& loop : m.loops) bytes *= loop.count;
  return bytes;
}

}  // namespace

std::vector<Move> moves_of(const Transfer& transfer) {
  std::vector<Move> out;
  Move first;
  std::int64_t descriptors = 0;
  for (const Descriptor& d : transfer.descriptors) {
    Move move;
    if (!move_of(d, move)) return {};
    if (!out.empty() && continues(out.back(), descriptors, move, first)) continue;
    out.push_back(move);
    first = std::move(move);
    descriptors = 1;
  }
  for (Move& move : out) join_loops(move.loops);
  return out;
}

/// Turns of the outermost loop write bytes of their own, and read none that others write.
bool turns_are_apart(const Move& m) {
  std::int64_t low = 0, high = m.run;
  for (std::size_t i = 0; i + 1 < m.loops.size(); ++i) {
    const std::int64_t span = m.loops[i].to_step * (m.loops[i].count - 1);
    (span < 0 ? low : high) += span;
  }
  return m.from != m.to && std::abs(m.loops.back().to_step) >= high - low;
}

Kernel move_kernel(Move move) {
  Kernel k;
  if (move.loops.empty()) move.loops.push_back({1, 0, 0});
  const auto bytes = static_cast<double>(bytes_moved(move));
  k.cost = bytes / static_cast<double>(std::min<std::int64_t>(move.run, 16));
  const std::int64_t turns = move.loops.back().count;
  const bool whole = turns > INT32_MAX || !turns_are_apart(move);
  k.units = whole ? 1 : static_cast<unsigned>(turns);
  k.what =
      fmt::format("move, {} turns, {} loops, runs of {} bytes", turns, move.loops.size(), move.run);
  k.run = [m = std::move(move), whole](const Memory& memory, Worker&, unsigned begin,
                                       unsigned end) {
    const Loop& outer = m.loops.back();
    const std::byte* from = memory.variables[m.from.value].data() + m.from_at;
    std::byte* to = memory.variables[m.to.value].data() + m.to_at;
    if (whole) return run_below(m, m.loops.size(), from, to);
    for (std::int64_t i = begin; i < end; ++i)
      run_below(m, m.loops.size() - 1, from + i * outer.from_step, to + i * outer.to_step);
  };
  return k;
}

std::vector<Kernel> kernels_of(const Transfer& t) {
  if (t.collective)
    return {{[&t](const Memory& m, Worker&, unsigned, unsigned) {
      *m.failure = run_collective(t, m.variables, m.port);
    }}};
  std::vector<Kernel> kernels;
  for (Move& move : moves_of(t)) kernels.push_back(move_kernel(std::move(move)));
  if (kernels.empty())
    kernels.push_back(
        {[&t](const Memory& m, Worker&, unsigned, unsigned) { run_transfer(t, m.variables); }});
  return kernels;
}

Kernel kernel_of(const bound::dma_indirect& in, const Transfer& t, const Program& program) {
  return {[&in, &t, &program](const Memory& m, Worker& w, unsigned, unsigned) {
    Transfer found = t;
    auto rows = find_rows(in, w.machine->memory, program, found);
    if (rows)
      run_transfer(found, m.variables);
    else
      *m.failure = std::move(rows).error().within("DMA_INDIRECT");
  }};
}

}  // namespace neuron::sim

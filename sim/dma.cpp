// SPDX-License-Identifier: Apache-2.0
// DMA: bytes of one variable to another. Both sides enumerate bytes in flat order, innermost
// dimension first; what differs between the types of the sides is converted element by element.
#include <algorithm>
#include <cstring>

#include "base/bytes.h"
#include "base/numbers.h"
#include "sim/arithmetic.h"
#include "sim/loaded.h"

namespace neuron::sim {
namespace {

/// The bytes of a side as runs that lie together, in flat order.
class Runs {
 public:
  Runs(const Side& side, Variables variables)
      : side_(side),
        base_(variables[side.variable.value].data()),
        length_(side.steps[0] == 1 ? side.sizes[0] : 1) {}

  /// The rest of the current run; empty after the last one.
  std::span<std::byte> rest() const {
    if (done_) return {};
    std::int64_t at = side_.offset + used_;
    for (int d = 0; d < 4; ++d) at += index_[d] * side_.steps[d];
    return {base_ + at, static_cast<std::size_t>(length_ - used_)};
  }
  void advance(std::size_t bytes) {
    used_ += static_cast<std::int64_t>(bytes);
    if (used_ < length_) return;
    used_ = 0;
    for (int d = side_.steps[0] == 1 ? 1 : 0; d < 4; ++d) {
      if (++index_[d] < side_.sizes[d]) return;
      index_[d] = 0;
    }
    done_ = true;
  }
  void read(std::span<std::byte> to) {
    while (!to.empty()) {
      const auto run = rest().first(std::min(rest().size(), to.size()));
      std::memcpy(to.data(), run.data(), run.size());
      to = to.subspan(run.size());
      advance(run.size());
    }
  }
  void write(ByteView from) {
    while (!from.empty()) {
      const auto run = rest().first(std::min(rest().size(), from.size()));
      std::memcpy(run.data(), from.data(), run.size());
      from = from.subspan(run.size());
      advance(run.size());
    }
  }

 private:
  const Side& side_;
  std::byte* base_;
  std::int64_t length_, used_ = 0;
  std::array<std::int64_t, 4> index_{};
  bool done_ = false;
};

void copy_bytes(const Descriptor& d, Variables variables) {
  Runs from(d.from[0], variables), to(d.to, variables);
  while (!from.rest().empty()) {
    const auto source = from.rest(), target = to.rest();
    const std::size_t bytes = std::min(source.size(), target.size());
    std::memmove(target.data(), source.data(), bytes);
    from.advance(bytes);
    to.advance(bytes);
  }
}

isa::Alu alu_of(DmaOp op) {
  return op == DmaOp::Min ? isa::Alu::Min : op == DmaOp::Max ? isa::Alu::Max : isa::Alu::Add;
}

/// Casts and combines over float32, as many elements at a time as stay in the first cache.
void compute(const Descriptor& d, Variables variables) {
  constexpr std::size_t kElements = 2048;
  std::vector<float> sum(kElements), next(kElements);
  std::vector<std::byte> raw(kElements * 8);
  std::vector<Runs> sources;
  for (const Side& side : d.from) sources.emplace_back(side, variables);
  Runs target(d.to, variables);
  const auto load = [&](std::size_t i, std::span<float> to) {
    const auto bytes = std::span(raw).first(to.size() * size_of(d.from[i].type));
    sources[i].read(bytes);
    to_floats(bytes, d.from[i].type, to);
  };
  std::size_t left = static_cast<std::size_t>(bytes_of(d.to)) / size_of(d.to.type);
  while (left > 0) {
    const std::size_t count = std::min(left, kElements);
    const auto part = std::span(sum).first(count);
    load(0, part);
    for (std::size_t i = 1; i < sources.size(); ++i) {
      load(i, std::span(next).first(count));
      apply(alu_of(d.op), part, next, part);
    }
    const auto bytes = std::span(raw).first(count * size_of(d.to.type));
    from_floats(part, d.to.type, bytes);
    target.write(bytes);
    left -= count;
  }
}

/// Reads [W][Z][Y][X] and writes [W][Z][X][Y].
void transpose(const Descriptor& d, Variables variables) {
  const auto bytes = static_cast<std::size_t>(bytes_of(d.to));
  const auto size = static_cast<std::size_t>(d.element_size);
  const auto [w, z, y, x] = d.transpose_shape;
  Bytes from(bytes), to(bytes);
  Runs(d.from[0], variables).read(from);
  std::size_t at = 0;
  for (std::int64_t plane = 0; plane < w * z; ++plane)
    for (std::int64_t i = 0; i < x; ++i)
      for (std::int64_t j = 0; j < y; ++j, at += size)
        std::memcpy(to.data() + at,
                    from.data() + static_cast<std::size_t>((plane * y + j) * x + i) * size, size);
  Runs(d.to, variables).write(to);
}

using Wide = __int128;  // steps and sizes come from files and may be anything

/// Every byte of a side inside its variable; in SBUF and PSUM also inside its partitions.
Result<> check_inside(const Side& s, const Variable& variable, const isa::Arch& arch) {
  Wide low = s.offset, high = Wide{s.offset} + 1;
  Wide row_low = s.offset % isa::kPartitionStride, row_high = row_low + 1;
  for (int d = 0; d < 4; ++d) {
    const Wide span = Wide{s.steps[d]} * (s.sizes[d] - 1);
    (span < 0 ? low : high) += span;
    if (s.steps[d] % isa::kPartitionStride != 0) (span < 0 ? row_low : row_high) += span;
  }
  const bool local = variable.storage != Storage::Device;
  const Wide size = local ? Wide{2 * isa::kPsumBase} : Wide{variable.size};
  if (low < 0 || high > size)
    return fail(Code::ExecutionFault, "bytes from offset {} leave {}, which has {} bytes", s.offset,
                variable.name, static_cast<std::uint64_t>(size));
  if (!local) return {};
  if (low < isa::kPsumBase && high > isa::kPsumBase)
    return fail(Code::ExecutionFault, "bytes from offset {} cross from SBUF into PSUM", s.offset);
  const std::uint32_t row =
      low >= isa::kPsumBase ? arch.psum_partition_bytes : arch.sbuf_partition_bytes;
  if (row_low < 0 || row_high > row)
    return fail(Code::ExecutionFault, "bytes from offset 0x{:x} leave a partition of {} bytes",
                s.offset, row);
  return {};
}

}  // namespace

Result<> check_side(const Side& s, const Program& program) {
  if (s.variable.value >= program.variables.size())
    return fail(Code::Malformed, "variable {}, there are {}", s.variable.value,
                program.variables.size());
  const Variable& variable = program.variables[s.variable.value];
  Wide bytes = 1;
  for (const std::int64_t size : s.sizes) {
    if (size < 1) return fail(Code::Malformed, "a size of {}, expected at least 1", size);
    bytes = std::min(bytes * size, Wide{1} << 62);
  }
  if (bytes > Wide{1} << 40)
    return fail(Code::Malformed, "more than {} bytes", std::uint64_t{1} << 40);
  TRY(check_inside(s, variable, isa::arch(program.arch)));
  if (size_of(s.type) == 0) return fail(Code::Malformed, "no dtype");
  if (bytes_of(s) % static_cast<std::int64_t>(size_of(s.type)) != 0)
    return fail(Code::Malformed, "{} bytes are no whole elements of {}", bytes_of(s),
                name_of(s.type));
  return {};
}

namespace {

std::int64_t elements(const Side& s) {
  return bytes_of(s) / static_cast<std::int64_t>(size_of(s.type));
}

Result<> check_transpose(const Descriptor& d) {
  Wide bytes = d.element_size;
  for (const std::int64_t n : d.transpose_shape) {
    if (n < 1) return fail(Code::Malformed, "transpose of a size {}", n);
    bytes = std::min(bytes * n, Wide{1} << 62);
  }
  if (d.element_size < 1 || bytes != bytes_of(d.to) || bytes != bytes_of(d.from[0]))
    return fail(Code::Malformed, "transpose of {} bytes, its sides have {} and {}",
                static_cast<std::int64_t>(bytes), bytes_of(d.from[0]), bytes_of(d.to));
  return {};
}

Result<> check_descriptor(const Descriptor& d, const Program& program) {
  const bool single = d.op == DmaOp::Copy || d.op == DmaOp::Transpose;
  if (d.from.empty() || d.from.size() > 16 || (single && d.from.size() != 1))
    return fail(Code::Malformed, "{} sources, expected {}", d.from.size(),
                single ? "1" : "1 to 16");
  TRY(check_side(d.to, program).within("destination"));
  for (const Side& side : d.from) {
    TRY(check_side(side, program).within("source"));
    if (d.op != DmaOp::Transpose && elements(side) != elements(d.to))
      return fail(Code::Malformed, "source has {} elements of {}, destination {} of {}",
                  elements(side), name_of(side.type), elements(d.to), name_of(d.to.type));
  }
  if (d.op == DmaOp::Transpose) return check_transpose(d);
  return {};
}

}  // namespace

std::int64_t bytes_of(const Side& s) { return s.sizes[0] * s.sizes[1] * s.sizes[2] * s.sizes[3]; }

Result<> check_transfer(const Transfer& transfer, const Program& program) {
  if (transfer.collective) return check_collective(transfer, program);
  for (std::size_t i = 0; i < transfer.descriptors.size(); ++i)
    TRY(check_descriptor(transfer.descriptors[i], program).within(fmt::format("descriptor {}", i)));
  return {};
}

void run_transfer(const Transfer& transfer, Variables variables) {
  for (const Descriptor& d : transfer.descriptors) {
    if (d.op == DmaOp::Transpose)
      transpose(d, variables);
    else if (d.op == DmaOp::Copy && d.from[0].type == d.to.type)
      copy_bytes(d, variables);
    else
      compute(d, variables);
  }
}

Result<> find_rows(const bound::dma_indirect& in, ByteView memory, const Program& program,
                   Transfer& t) {
  std::vector<Descriptor> found;
  for (unsigned p = 0; p < in.partitions; ++p) {
    const auto index =
        neuron::load<std::uint32_t>(memory, in.index + std::size_t{p} * isa::kPartitionStride);
    if (index >= in.rows) {
      if (in.skips) continue;
      return fail(Code::ExecutionFault,
                  "index {} of partition {} is out of bounds: there are {} rows", index, p,
                  in.rows);
    }
    Descriptor d = t.descriptors[p];
    const std::int64_t at = in.offset + std::int64_t{index} * in.row_step;
    (in.scatters ? d.to : d.from[0]).offset = at;
    if (in.scatters && in.accumulates) d.from[1].offset = at;
    found.push_back(std::move(d));
  }
  t.descriptors = std::move(found);
  return check_transfer(t, program);
}

}  // namespace neuron::sim

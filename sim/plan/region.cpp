// SPDX-License-Identifier: Apache-2.0
#include "sim/plan/region.h"

#include <algorithm>
#include <array>
#include <bit>

#include "sim/access.h"
#include "sim/machine.h"

namespace neuron::sim {
namespace {

constexpr Region kEverything{0, 0xffffffff, 0, isa::kPartitions};

/// Row and partition of a linear address.
std::uint32_t row_of(std::int64_t at) {
  return static_cast<std::uint32_t>(at / isa::kPsumBase * isa::kPsumBase +
                                    at % isa::kPartitionStride);
}
std::uint32_t partition_of(std::int64_t at) {
  return static_cast<std::uint32_t>(at % isa::kPsumBase / isa::kPartitionStride);
}

/// Collects the views of an operation: `dst` is written, all others are read.
class Collector {
 public:
  explicit Collector(Touches& out) : out_(out) {}

  void view(std::string_view name, const View& v) {
    const bool write = name == "dst";
    out_.push_back({region_of(v), write, write && v.dense});
  }
  void scalars(const std::vector<Region>& regions) {
    for (const Region& r : regions) out_.push_back({r, false, false});
  }
  /// All that is known to those who look on. Some writes leave bytes as they are, so that what
  /// stood there counts as read.
  bool accesses(const bound::Operation& op) {
    const auto all = accesses_of(op);
    for (const Access& a : all) {
      out_.push_back({region_of(a.view), false, false});
      if (a.writes) out_.push_back({region_of(a.view), true, false});
    }
    return !all.empty();
  }
  void everything() {
    out_.push_back({kEverything, false, false});
    out_.push_back({kEverything, true, false});
  }

 private:
  Touches& out_;
};

#define U8(field, at)
#define U16(field, at)
#define U32(field, at)
#define F32(field, at)
#define TYPE(field, at)
#define TYPE_LOW(field, at)
#define TYPE_HIGH(field, at)
#define ALU(field, at)
#define ACT(field, at)
#define AP3(field, at) c.view(#field, in.field);
#define AP4(field, at) c.view(#field, in.field);
#define NAME(field, at)
#define NO_OPERANDS
#define NEURON_OP(code, name, text, engines, cost, evidence, operands, sentence) \
  [[maybe_unused]] void collect_views([[maybe_unused]] Collector& c,             \
                                      [[maybe_unused]] const bound::name& in) {  \
    operands                                                                     \
  }
#include "isa/isa.def"
#undef NEURON_OP
#include "isa/operands_undef.h"

// Only operations named here are known to touch their views and nothing else.
void collect(Collector& c, const bound::activate& in) {
  collect_views(c, in);
  c.scalars(scalars_of(in));
}
void collect(Collector& c, const bound::tensor_scalar& in) {
  collect_views(c, in);
  c.scalars(scalars_of(in));
}
void collect(Collector& c, const bound::matmul& in) {
  collect_views(c, in);
  if (!(in.acc_flags & kOverwrite)) c.view("", in.dst);
}
template <class Op>
concept Plain = std::is_same_v<Op, bound::ldweights> || std::is_same_v<Op, bound::tensor_tensor> ||
    std::is_same_v<Op, bound::tensor_reduce> || std::is_same_v<Op, bound::copy> ||
    std::is_same_v<Op, bound::cast> || std::is_same_v<Op, bound::reciprocal> ||
    std::is_same_v<Op, bound::memset> || std::is_same_v<Op, bound::event_semaphore> ||
    std::is_same_v<Op, bound::nop> || std::is_same_v<Op, bound::notify> ||
    std::is_same_v<Op, bound::set_ordering_mode> || std::is_same_v<Op, bound::start_marker> ||
    std::is_same_v<Op, bound::act_table_load> || std::is_same_v<Op, bound::pseudo_dma_trigger> ||
    std::is_same_v<Op, bound::pseudo_dma_direct2d>;
template <Plain Op>
void collect(Collector& c, const Op& in) {
  collect_views(c, in);
}
template <class Op>
void collect_any(Collector& c, const Op& in, const bound::Operation& op) {
  if constexpr (requires { collect(c, in); })
    collect(c, in);
  else if (!c.accesses(op))
    c.everything();
}

/// Descriptors often name one partition after the other; those become one box.
void append(Touches& out, const Touch& t) {
  if (!out.empty()) {
    Touch& o = out.back();
    if (o.write == t.write && o.whole == t.whole && o.region.begin == t.region.begin &&
        o.region.end == t.region.end && o.region.last == t.region.first) {
      o.region.last = t.region.last;
      return;
    }
  }
  out.push_back(t);
}

}  // namespace

Touch touch_of(const Side& side, bool write) {
  const bool psum = side.offset >= isa::kPsumBase;
  std::int64_t low = side.offset, high = side.offset;
  for (int d = 0; d < 4; ++d) {
    const std::int64_t span = side.steps[d] * (side.sizes[d] - 1);
    (span < 0 ? low : high) += span;
  }
  // Steps within a row and steps between partitions are told apart by check_transfer().
  std::int64_t row_low = side.offset % isa::kPartitionStride, row_high = row_low;
  std::int64_t visited = 1;
  for (int d = 0; d < 4; ++d) {
    visited *= side.sizes[d];
    if (side.steps[d] % isa::kPartitionStride == 0) continue;
    const std::int64_t span = side.steps[d] * (side.sizes[d] - 1);
    (span < 0 ? row_low : row_high) += span;
  }
  const std::uint32_t base = psum ? isa::kPsumBase : 0;
  Region r{base + static_cast<std::uint32_t>(row_low),
           base + static_cast<std::uint32_t>(row_high) + 1, partition_of(low),
           partition_of(high) + 1};
  const std::int64_t area = std::int64_t{r.end - r.begin} * (r.last - r.first);
  bool repeats = false;
  for (int d = 0; d < 4; ++d) repeats |= side.sizes[d] > 1 && side.steps[d] == 0;
  return {r, write, write && visited == area && !repeats};
}

std::vector<Region> rest_of(const Region& r, const Region& hole) {
  std::vector<Region> out;
  const auto add = [&](const Region& part) {
    if (part.begin < part.end && part.first < part.last) out.push_back(part);
  };
  const std::uint32_t first = std::max(r.first, hole.first), last = std::min(r.last, hole.last);
  add({r.begin, r.end, r.first, first});
  add({r.begin, r.end, last, r.last});
  add({r.begin, std::max(r.begin, hole.begin), first, last});
  add({std::min(r.end, hole.end), r.end, first, last});
  return out;
}
std::vector<Region> without(const std::vector<Region>& regions, const Region& hole) {
  std::vector<Region> out;
  for (const Region& r : regions) {
    if (!r.overlaps(hole)) {
      out.push_back(r);
      continue;
    }
    const auto rest = rest_of(r, hole);
    out.insert(out.end(), rest.begin(), rest.end());
  }
  return out;
}
bool overlaps(const std::vector<Region>& regions, const Region& other) {
  return std::any_of(regions.begin(), regions.end(),
                     [&](const Region& r) { return r.overlaps(other); });
}

Region region_of(const View& v) {
  std::int64_t low = row_of(v.at), high = low + v.size;
  for (int d = 0; d < 4; ++d) {
    const std::int64_t span = std::int64_t{v.steps[d]} * (std::int64_t{v.nums[d]} - 1);
    (span < 0 ? low : high) += span;
  }
  return {static_cast<std::uint32_t>(low), static_cast<std::uint32_t>(high), partition_of(v.at),
          partition_of(v.at) + v.partitions};
}

Region region_of_scalar(std::uint32_t at, DType type, unsigned partitions) {
  const std::uint32_t row = row_of(at), first = partition_of(at);
  return {row, row + static_cast<std::uint32_t>(size_of(type)), first, first + partitions};
}

Touches touches_of(const Event& event, const Program& program) {
  Touches out;
  if (event.step) {
    Collector collector(out);
    std::visit(
        [&](const auto& op) {
          if constexpr (!std::is_same_v<std::decay_t<decltype(op)>, std::monostate>)
            collect_any(collector, op, event.step->op);
        },
        event.step->op);
    return out;
  }
  const auto local = [&](const Side& side) {
    return program.variables[side.variable.value].storage == Storage::Local;
  };
  for (const Descriptor& d : event.transfer->descriptors) {
    for (const Side& side : d.from)
      if (local(side)) append(out, touch_of(side, false));
    append(out, local(d.to) ? touch_of(d.to, true) : Touch{kDeviceMemory, true, false});
  }
  return out;
}

bool in_order(const Touches& a, const Touches& b) {
  return std::ranges::any_of(a, [&](const Touch& x) {
    return std::ranges::any_of(
        b, [&](const Touch& y) { return (x.write || y.write) && x.region.overlaps(y.region); });
  });
}

std::size_t sbuf_pages(const std::vector<Touches>& events) {
  constexpr std::uint32_t kPage = 4096;
  struct Rows {
    std::uint32_t first = 0, last = 0;
  };
  std::array<Rows, isa::kPartitionStride / kPage> columns{};
  for (const Touches& touches : events)
    for (const Touch& t : touches) {
      const Region& r = t.region;
      if (r.end > isa::kPartitionStride || r.begin == r.end) continue;
      for (std::uint32_t i = r.begin / kPage; i <= (r.end - 1) / kPage; ++i) {
        Rows& rows = columns[i];
        rows.first = rows.last == 0 ? r.first : std::min(rows.first, r.first);
        rows.last = std::max(rows.last, r.last);
      }
    }
  std::size_t pages = 0;
  for (const Rows& rows : columns) pages += rows.last - rows.first;
  return pages;
}

std::vector<Region> scalars_of(const bound::activate& in) {
  std::vector<Region> out;
  if (!in.bias_is_value) out.push_back(region_of_scalar(in.bias, in.bias_type, in.partitions));
  if (in.scale_is_address)
    out.push_back(
        region_of_scalar(std::bit_cast<std::uint32_t>(in.scale), DType::Float32, in.partitions));
  return out;
}
std::vector<Region> scalars_of(const bound::tensor_scalar& in) {
  if (!in.operand0_is_address) return {};
  return {region_of_scalar(in.operand0, DType::Float32, in.partitions)};
}

}  // namespace neuron::sim

// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "sim/plan/order.h"

/// Which bytes of SBUF and PSUM an event touches, as boxes: bytes of a partition's row by
/// partitions.
namespace neuron::sim {

struct Region {
  std::uint32_t begin = 0, end = 0;   ///< in the row; PSUM's rows follow at kPsumBase
  std::uint32_t first = 0, last = 0;  ///< partitions, the last one excluded

  bool overlaps(const Region& o) const {
    return begin < o.end && o.begin < end && first < o.last && o.first < last;
  }
  bool contains(const Region& o) const {
    return begin <= o.begin && o.end <= end && first <= o.first && o.last <= last;
  }
  bool operator==(const Region&) const = default;
};
/// Stands for all memory outside of the core.
inline constexpr Region kDeviceMemory{0xfffffff0, 0xfffffff1, 0, isa::kPartitions};

/// What of `r` lies outside of `hole`, in up to four parts.
std::vector<Region> rest_of(const Region& r, const Region& hole);
/// What of all `regions` lies outside of `hole`.
std::vector<Region> without(const std::vector<Region>& regions, const Region& hole);
bool overlaps(const std::vector<Region>& regions, const Region& other);

struct Touch {
  Region region;
  bool write = false;
  bool whole = false;  ///< a write of every byte of the region
};
/// Everything that an event touches. Operations that name no memory (and are not
/// known to touch none) touch everything.
using Touches = std::vector<Touch>;
Touches touches_of(const Event& event, const Program& program);
/// Whether it matters which of two comes first.
bool in_order(const Touches& a, const Touches& b);

/// Pages of 4 KiB of SBUF that events name, or not many more. What touches everything, or PSUM,
/// does not count.
std::size_t sbuf_pages(const std::vector<Touches>& events);

Region region_of(const View& view);
/// A side in SBUF or PSUM.
Touch touch_of(const Side& side, bool write);
/// One number a partition, as biases and scales are given.
Region region_of_scalar(std::uint32_t at, DType type, unsigned partitions);
/// All of these that an instruction reads beside its views.
std::vector<Region> scalars_of(const bound::activate& in);
std::vector<Region> scalars_of(const bound::tensor_scalar& in);

}  // namespace neuron::sim

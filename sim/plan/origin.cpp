// SPDX-License-Identifier: Apache-2.0
#include "sim/plan/origin.h"

#include <algorithm>

#include "sim/plan.h"

namespace neuron::sim {
namespace {

/// Rows of a side: runs of bytes, one a partition or one a pitch.
struct Rows {
  std::int64_t bytes = 1, count = 1, step = 0;
};
/// The side as rows, if it is that simple.
bool rows_of(const Side& side, Rows& out) {
  out = {};
  int dimensions = 0;
  for (int d = 0; d < 4; ++d) {
    if (side.sizes[d] == 1) continue;
    if (dimensions == 0 && side.steps[d] == 1)
      out.bytes = side.sizes[d];
    else if (dimensions < 2 && out.count == 1)
      out.count = side.sizes[d], out.step = side.steps[d];
    else
      return false;
    ++dimensions;
  }
  return true;
}

/// Cuts a side that is one run into the rows of the other.
bool cut_alike(Rows& from, const Rows& to) {
  if (from.count == 1 && from.bytes == to.bytes * to.count) from = {to.bytes, to.count, to.bytes};
  return from.bytes == to.bytes && from.count == to.count;
}

bool overlap(ByteView a, ByteView b) {
  return a.data() < b.data() + b.size() && b.data() < a.data() + a.size();
}

}  // namespace

Origins::Origins(const Loaded& loaded, std::span<const ByteView> constants)
    : program_(loaded.program), constants_(constants.begin(), constants.end()) {
  constants_.resize(program_.variables.size());
  const auto is_written = written_variables(loaded);
  std::vector<ByteView> written;
  for (std::size_t i = 0; i < constants_.size(); ++i)
    if (is_written[i] && !constants_[i].empty()) written.push_back(constants_[i]);
  for (ByteView& constant : constants_)
    if (std::any_of(written.begin(), written.end(),
                    [&](ByteView w) { return overlap(constant, w); }))
      constant = {};
}

void Origins::arrive(const Transfer& transfer, std::size_t id, bool known) {
  needed_.resize(std::max(needed_.size(), id + 1));
  for (const Descriptor& d : transfer.descriptors) {
    Rows from, to;
    const ByteView constant = constants_[d.from[0].variable.value];
    const bool simple = known && d.op == DmaOp::Copy && d.from[0].type == d.to.type &&
                        !constant.empty() &&
                        program_.variables[d.to.variable.value].storage == Storage::Local &&
                        rows_of(d.from[0], from) && rows_of(d.to, to) && cut_alike(from, to) &&
                        (to.count == 1 || to.step == isa::kPartitionStride) && from.step >= 0;
    // What arrives before in the same transfer may lie under this.
    if (program_.variables[d.to.variable.value].storage == Storage::Local)
      write(touch_of(d.to, true));
    if (!simple) {
      needed_[id] = true;
      continue;
    }
    const auto row = static_cast<std::uint32_t>(d.to.offset / isa::kPsumBase * isa::kPsumBase +
                                                d.to.offset % isa::kPartitionStride);
    const auto first =
        static_cast<std::uint32_t>(d.to.offset % isa::kPsumBase / isa::kPartitionStride);
    const Origin o{{row, row + static_cast<std::uint32_t>(to.bytes), first,
                    first + static_cast<std::uint32_t>(to.count)},
                   {constant.data() + d.from[0].offset, static_cast<std::size_t>(from.step)},
                   id};
    if (!origins_.empty() && origins_.back().id == id) {  // rows that go on where the last ended
      Origin& l = origins_.back();
      const std::uint32_t count = l.region.last - l.region.first;
      const auto gap = o.rows.data - l.rows.data;
      const bool follows = l.region.begin == o.region.begin && l.region.end == o.region.end &&
                           l.region.last == o.region.first;
      if (follows && count == 1 && gap > 0 &&
          (o.region.last - o.region.first == 1 || o.rows.pitch == static_cast<std::size_t>(gap))) {
        l.rows.pitch = static_cast<std::size_t>(gap);
        l.region.last = o.region.last;
        continue;
      }
      if (follows && gap == static_cast<std::ptrdiff_t>(count * l.rows.pitch) &&
          (o.region.last - o.region.first == 1 || o.rows.pitch == l.rows.pitch)) {
        l.region.last = o.region.last;
        continue;
      }
    }
    origins_.push_back(o);
  }
}

ConstantRows Origins::find(const Region& r) const {
  for (const Origin& o : origins_)
    if (o.region.contains(r))
      return {o.rows.data + (r.first - o.region.first) * o.rows.pitch + (r.begin - o.region.begin),
              o.rows.pitch};
  return {};
}

void Origins::read(const Region& region) {
  for (const Origin& o : origins_)
    if (o.region.overlaps(region)) needed_[o.id] = true;
}

void Origins::write(const Touch& touch) {
  std::vector<Origin> rest;
  std::erase_if(origins_, [&](const Origin& o) {
    if (!o.region.overlaps(touch.region)) return false;
    if (!touch.whole) needed_[o.id] = true;  // what is left in between may be read
    append_rest(o, touch.region, rest);
    return true;
  });
  origins_.insert(origins_.end(), rest.begin(), rest.end());
}

void Origins::append_rest(const Origin& o, const Region& hole, std::vector<Origin>& out) {
  for (const Region& r : rest_of(o.region, hole))
    out.push_back(
        {r,
         {o.rows.data + (r.first - o.region.first) * o.rows.pitch + (r.begin - o.region.begin),
          o.rows.pitch},
         o.id});
}

}  // namespace neuron::sim

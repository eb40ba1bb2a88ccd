// SPDX-License-Identifier: Apache-2.0
#include "sim/plan/copies.h"

#include <algorithm>

#include "sim/plan.h"
#include "sim/plan/pieces.h"

namespace neuron::sim {
namespace {

constexpr std::int64_t kNone = INT64_MIN;
constexpr std::int64_t kStride = isa::kPartitionStride;
constexpr std::int64_t kShort = 16;    ///< bytes: shorter runs are no faster to bring than to copy
constexpr std::size_t kMost = 256;     ///< copies that are followed
constexpr std::size_t kMostOver = 16;  ///< regions over a copy that are remembered
constexpr std::size_t kTogether = 4;   ///< elements that lie in a row, on average, at least

/// How often an element does not follow the one before.
std::size_t breaks_of(const CopiedView::Pattern& pattern) {
  std::size_t breaks = 0;
  for (std::size_t i = 1; i + 1 < pattern.size(); ++i)
    breaks +=
        std::int64_t{pattern[i]} - pattern[i - 1] != std::int64_t{pattern[i + 1]} - pattern[i];
  return breaks;
}

bool same_turns(const Loop& a, const Loop& b) {
  return a.count == b.count && a.to_step == b.to_step;
}

}  // namespace

bool Copies::Copy::covers(std::uint32_t partition) const {
  return partition >= box.first && partition < box.last && from[partition - box.first] != kNone;
}

/// Where a byte of the rows comes from, counted from the first byte of the partition.
std::optional<std::int64_t> Copies::Copy::find(std::int64_t byte) const {
  std::int64_t left = byte - box.begin, at = 0;
  if (left < 0) return std::nullopt;
  for (const Loop& loop : loops) {
    const std::int64_t turn = std::min(left / loop.to_step, loop.count - 1);
    left -= turn * loop.to_step;
    at += turn * loop.from_step;
  }
  if (left >= run) return std::nullopt;
  return at + left;
}

/// Tells loops within rows from those over partitions; false if turns may meet.
bool Copies::Copy::lay_out(std::int64_t to_at, std::span<const Loop> all) {
  std::vector<std::pair<std::int64_t, std::int64_t>> rows{{to_at / kStride, 0}};
  for (const Loop& loop : all) {
    if (loop.to_step <= 0) return false;
    if (loop.to_step % kStride != 0) {
      loops.push_back(loop);
      continue;
    }
    std::vector<std::pair<std::int64_t, std::int64_t>> more;
    if (rows.size() * static_cast<std::size_t>(loop.count) > isa::kPartitions) return false;
    for (const auto& [partition, at] : rows)
      for (std::int64_t i = 0; i < loop.count; ++i)
        more.emplace_back(partition + i * loop.to_step / kStride, at + i * loop.from_step);
    rows = std::move(more);
  }
  std::ranges::sort(loops, std::greater(), &Loop::to_step);
  std::int64_t reach = run;
  for (auto loop = loops.rbegin(); loop != loops.rend(); ++loop) {
    if (loop->to_step < reach) return false;
    reach += (loop->count - 1) * loop->to_step;
  }
  const auto [first, last] = std::ranges::minmax(rows, {}, [](const auto& r) { return r.first; });
  if (to_at % kStride + reach > kStride || last.first >= isa::kPartitions) return false;
  box.begin = static_cast<std::uint32_t>(to_at % kStride);
  box.end = static_cast<std::uint32_t>(to_at % kStride + reach);
  box.first = static_cast<std::uint32_t>(first.first);
  box.last = static_cast<std::uint32_t>(last.first) + 1;
  from.assign(box.last - box.first, kNone);
  for (const auto& [partition, at] : rows) {
    std::int64_t& row = from[static_cast<std::size_t>(partition) - box.first];
    if (row != kNone) return false;
    row = at;
  }
  return true;
}

Copies::Copies(const Loaded& loaded, std::span<const ByteView> constants)
    : program_(loaded.program) {
  const auto written = written_variables(loaded);
  for (std::size_t v = 0; v < written.size(); ++v) {
    const bool local = program_.variables[v].storage == Storage::Local;
    const bool constant = v < constants.size() && !constants[v].empty();
    fixed_.push_back(local || (!written[v] && !constant));
  }
}

std::optional<Copies::Copy> Copies::copy_of(const Move& move, bool zeros) {
  Copy copy;
  copy.run = move.run;
  if (!zeros) copy.variable = move.from;
  if (move.to_at >= isa::kPsumBase || !copy.lay_out(move.to_at, move.loops)) return std::nullopt;
  for (std::int64_t& at : copy.from)
    if (at != kNone) at += move.from_at;
  return copy;
}

std::vector<Move> Copies::copies_of(const Transfer& t) const {
  for (const Descriptor& d : t.descriptors)
    if (t.collective || program_.variables[d.to.variable.value].storage != Storage::Local ||
        !fixed_[d.from[0].variable.value])
      return {};
  auto moves = moves_of(t);
  const auto is_copy = [](const Move& m) { return m.run >= kShort && copy_of(m, false); };
  return std::ranges::all_of(moves, is_copy) ? moves : std::vector<Move>();
}

void Copies::arrive(const std::vector<Move>& moves, const Touches& touches, std::size_t begin,
                    std::size_t end) {
  made_.push_back({begin, end});
  for (const Move& move : moves) {
    Copy copy = *copy_of(move, false);
    if (program_.variables[move.from.value].storage != Storage::Local)
      copy.sources.push_back(kDeviceMemory);
    for (const Touch& t : touches)
      if (!t.write) copy.sources.push_back(t.region);
    add(std::move(copy));
  }
}

bool Copies::is_zero(const bound::memset& in) {
  return in.value == 0 && in.dst.at < isa::kPsumBase &&
         std::ranges::all_of(in.dst.steps, [](auto step) { return step >= 0; });
}

void Copies::clear(const bound::memset& in, std::size_t kernel) {
  made_.push_back({kernel, kernel + 1});
  Move move;
  move.to_at = in.dst.at;
  move.run = in.dst.size;
  for (std::size_t d = 0; d < 4; ++d)
    if (in.dst.nums[d] > 1) move.loops.push_back({in.dst.nums[d], 0, in.dst.steps[d]});
  if (in.dst.partitions > 1) move.loops.push_back({in.dst.partitions, 0, kStride});
  if (auto copy = copy_of(move, true)) return add(std::move(*copy));
  made_.back().needed = true;
  write({region_of(in.dst), true, in.dst.dense});
}

void Copies::add(Copy copy) {
  found_.clear();
  copy.id = made_.size() - 1;
  copy.known = !overlaps(copy.sources, copy.box);
  // The same bytes again.
  std::erase_if(copies_, [&](const Copy& c) {
    return c.box.begin == copy.box.begin && c.box.end == copy.box.end && c.run == copy.run &&
           copy.box.contains(c.box) && std::ranges::equal(c.loops, copy.loops, same_turns) &&
           std::ranges::count(copy.from, kNone) == 0;
  });
  for (Copy& c : copies_)
    if (overlaps(c.sources, copy.box)) c.known = false;
  copies_.push_back(std::move(copy));
  if (copies_.size() <= kMost) return;
  made_[copies_.front().id].needed = true;
  copies_.erase(copies_.begin());
}

void Copies::read(const Region& region) {
  for (const Copy& c : copies_)
    if (c.box.overlaps(region) &&
        std::ranges::none_of(c.over, [&](const Region& o) { return o.contains(region); }))
      made_[c.id].needed = true;
}

void Copies::write(const Touch& touch) {
  const Region& region = touch.region;
  const auto before = copies_.size();
  if (touch.whole) std::erase_if(copies_, [&](const Copy& c) { return region.contains(c.box); });
  bool changed = before != copies_.size();
  for (Copy& c : copies_)
    if (touch.whole && c.over.size() < kMostOver && c.box.overlaps(region))
      c.over.push_back(region);
  for (Copy& c : copies_)
    if (c.known && (c.box.overlaps(region) || overlaps(c.sources, region))) {
      c.known = false;
      changed = true;
    }
  if (changed) found_.clear();
}

/// Looks for the copies under the elements of a view, partition after partition.
class Copies::Search {
 public:
  Search(const View& view, std::vector<const Copy*> latest_first)
      : view_(view), copies_(std::move(latest_first)), offsets_(offsets_of(view)) {}

  std::shared_ptr<const CopiedView> run() {
    const auto first = static_cast<std::uint32_t>(view_.at / kStride);
    for (std::uint32_t p = first; p < first + view_.partitions; ++p)
      if (!find_spots(p) || !add_row(p)) return nullptr;
    for (const Copy* c : used_) {
      out_.copies.push_back(c->id);
      for (const Region& r : c->sources)
        if (std::ranges::find(out_.sources, r) == out_.sources.end()) out_.sources.push_back(r);
    }
    return std::make_shared<const CopiedView>(std::move(out_));
  }

 private:
  struct Spot {
    const Copy* copy;
    std::int64_t from;
  };

  /// The copy under each element of a partition, which is that of the one before more often than
  /// not.
  bool find_spots(std::uint32_t partition) {
    std::vector<const Copy*> over;
    for (const Copy* c : copies_)
      if (c->covers(partition)) over.push_back(c);
    if (over == over_ && !spots_.empty()) return true;
    over_ = std::move(over);
    spots_.clear();
    for (const std::int32_t offset : offsets_) {
      const std::int64_t byte = view_.at % kStride + std::int64_t{offset};
      const auto copy = std::ranges::find_if(over_, [&](const Copy* c) { return meets(*c, byte); });
      if (copy == over_.end() || !(*copy)->known) return false;
      const auto begin = (*copy)->find(byte), end = (*copy)->find(byte + view_.size - 1);
      const bool whole = begin && end && (*copy)->run >= view_.size &&
                         (!(*copy)->variable || *end - *begin == view_.size - 1);
      if (!whole) return false;
      spots_.push_back({*copy, *begin});
      if (std::ranges::find(used_, *copy) == used_.end()) used_.push_back(*copy);
    }
    return true;
  }
  /// Whether a copy may have written some byte of an element.
  bool meets(const Copy& c, std::int64_t byte) const {
    if (byte >= c.box.end || byte + view_.size <= c.box.begin) return false;
    return c.run < view_.size || c.find(byte) || c.find(byte + view_.size - 1);
  }

  bool add_row(std::uint32_t partition) {
    const auto at = [&](const Spot& s) {
      return s.copy->from[partition - s.copy->box.first] + s.from;
    };
    const auto first =
        std::ranges::find_if(spots_, [](const Spot& s) { return s.copy->variable.has_value(); });
    CopiedView::Rows row{};
    if (first != spots_.end()) row.variable = *first->copy->variable, row.at = at(*first);
    CopiedView::Pattern pattern;
    for (const Spot& s : spots_) {
      if (!s.copy->variable) {
        pattern.push_back(CopiedView::kZero);
        continue;
      }
      const std::int64_t distance = at(s) - row.at;
      if (*s.copy->variable != row.variable || distance <= CopiedView::kZero ||
          distance > INT32_MAX)
        return false;
      pattern.push_back(static_cast<std::int32_t>(distance));
    }
    const auto known = std::ranges::find(out_.patterns, pattern);
    row.pattern = static_cast<std::size_t>(known - out_.patterns.begin());
    if (known == out_.patterns.end()) {
      if (breaks_of(pattern) * kTogether > pattern.size()) return false;
      out_.patterns.push_back(std::move(pattern));
    }
    append(row);
    return true;
  }
  void append(const CopiedView::Rows& row) {
    CopiedView::Rows* last = out_.rows.empty() ? nullptr : &out_.rows.back();
    const std::int64_t step = last ? row.at - last->at - (last->count - 1) * last->step : 0;
    if (last && last->pattern == row.pattern && last->variable == row.variable && step >= 0 &&
        (last->count == 1 || step == last->step)) {
      last->step = step;
      ++last->count;
    } else {
      out_.rows.push_back(row);
    }
  }

  const View& view_;
  std::vector<const Copy*> copies_, over_, used_;
  std::vector<std::int32_t> offsets_;
  std::vector<Spot> spots_;  ///< of each element
  CopiedView out_;
};

std::shared_ptr<const CopiedView> Copies::find(const View& view) {
  if (view.at >= isa::kPsumBase) return nullptr;
  const Region place = region_of(view);
  std::vector<const Copy*> near;
  for (auto c = copies_.rbegin(); c != copies_.rend(); ++c)
    if (c->box.overlaps(place)) near.push_back(&*c);
  if (near.empty()) return nullptr;
  for (const auto& [seen, copied] : found_)
    if (same_place(seen, view)) return copied;
  return found_.emplace_back(view, Search(view, std::move(near)).run()).second;
}

void Copies::need(const CopiedView& copied) {
  for (const std::size_t id : copied.copies) made_[id].needed = true;
}

std::vector<std::pair<std::size_t, std::size_t>> Copies::spared() const {
  std::vector<std::pair<std::size_t, std::size_t>> out;
  for (const Made& m : made_)
    if (!m.needed) out.emplace_back(m.begin, m.end);
  return out;
}

}  // namespace neuron::sim

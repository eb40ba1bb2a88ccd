// SPDX-License-Identifier: Apache-2.0
#include "view/occupancy.h"

#include <algorithm>
#include <map>

#include "isa/isa.h"

namespace neuron::view {
namespace {

/// Which bytes of one partition hold a value, since when, and until when it is known to be needed.
class Partition {
 public:
  explicit Partition(SpoolList<Occupied>& out) : out_(out) {}

  void read(std::uint32_t begin, std::uint32_t end, std::int64_t end_ps) {
    for_each_piece(begin, end,
                   [&](Value& value) { value.until_ps = std::max(value.until_ps, end_ps); });
  }
  void write(std::uint32_t begin, std::uint32_t end, std::int64_t begin_ps, std::int64_t end_ps) {
    const auto first = split(begin);
    const auto last = split(end);
    const bool is_whole = first != last && first->first == begin && std::next(first) == last &&
                          first->second.end == end;
    for (auto at = first; at != last; ++at) close(at->first, at->second);
    if (is_whole) {
      first->second = {end, begin_ps, end_ps};
      return;
    }
    values_.erase(first, last);
    values_.emplace_hint(last, begin, Value{end, begin_ps, end_ps});
  }
  void finish() {
    for (const auto& [begin, value] : values_) close(begin, value);
    values_.clear();
  }

 private:
  struct Value {
    std::uint32_t end = 0;  ///< first byte after it
    std::int64_t since_ps = 0, until_ps = 0;
  };
  using Values = std::map<std::uint32_t, Value>;

  /// The first value at or after `at`, after one that reaches over it was cut in two.
  Values::iterator split(std::uint32_t at) {
    auto next = values_.lower_bound(at);
    if (next == values_.begin()) return next;
    auto before = std::prev(next);
    if (before->second.end <= at) return next;
    Value rest = before->second;
    before->second.end = at;
    return values_.emplace_hint(next, at, rest);
  }
  template <class Visit>
  void for_each_piece(std::uint32_t begin, std::uint32_t end, Visit visit) {
    const auto first = split(begin);
    const auto last = split(end);
    for (auto at = first; at != last; ++at) visit(at->second);
  }
  void close(std::uint32_t begin, const Value& value) {
    if (value.until_ps <= value.since_ps) return;
    add(out_, {value.since_ps, value.until_ps, value.end - begin});
  }
  SpoolList<Occupied>& out_;
  Values values_;
};

bool holds(const MemoryAccess& access, int partition) {
  return partition >= access.first_partition &&
         partition < access.first_partition + access.partitions;
}

void apply(Partition& partition, const MemoryAccess& access, std::uint32_t base,
           const Instruction& by) {
  if (access.is_write)
    partition.write(access.begin - base, access.end - base, by.begin_ps, by.end_ps);
  else
    partition.read(access.begin - base, access.end - base, by.end_ps);
}

/// Periods of the pieces of a bank become those of the bank.
SpoolList<Occupied> merged(SpoolList<Occupied> pieces) {
  sort_stably(pieces, [](const auto& a, const auto& b) { return a.begin_ps < b.begin_ps; });
  SpoolList<Occupied> whole(pieces.get_allocator());
  for (const Occupied& piece : passing(pieces)) {
    if (!whole.empty() && piece.begin_ps <= whole.back().end_ps)
      whole.back().end_ps = std::max(whole.back().end_ps, piece.end_ps);
    else
      add(whole, {piece.begin_ps, piece.end_ps, isa::kPsumBankBytes});
  }
  return whole;
}

/// Splits an access at the borders of banks.
void apply_to_banks(std::vector<Partition>& banks, const MemoryAccess& access,
                    const Instruction& by) {
  const std::uint32_t end =
      std::min<std::uint32_t>(access.end - isa::kPsumBase, kPsumBanks * isa::kPsumBankBytes);
  for (std::uint32_t at = access.begin - isa::kPsumBase; at < end;) {
    const std::uint32_t bank = at / isa::kPsumBankBytes;
    const std::uint32_t until = std::min(end, (bank + 1) * isa::kPsumBankBytes);
    MemoryAccess part = access;
    part.begin = at;
    part.end = until;
    apply(banks[bank], part, 0, by);
    at = until;
  }
}

}  // namespace

Occupancy occupancy_of(const Timeline& timeline, std::uint8_t core, OnChip memory) {
  Occupancy out;
  std::array<SpoolList<Occupied>, kPsumBanks> pieces;
  std::vector<Partition> partitions, banks;
  const SpoolList<Occupied> empty{SpoolAllocator<Occupied>(timeline.instructions.get_allocator())};
  for (auto& list : out.sbuf) partitions.emplace_back(list = empty);
  for (auto& list : pieces) banks.emplace_back(list = empty);
  for (const Instruction& by : passing(timeline.instructions)) {
    if (by->core != core || by->accesses >= timeline.accesses.size()) continue;
    for (const MemoryAccess& access : timeline.accesses[by->accesses]) {
      if (access.begin >= isa::kPsumBase) {
        if (memory != OnChip::StateBuffer) apply_to_banks(banks, access, by);
        continue;
      }
      for (std::size_t i = 0; memory != OnChip::Psum && i < partitions.size(); ++i)
        if (holds(access, kSampledPartitions[i])) apply(partitions[i], access, 0, by);
    }
  }
  for (Partition& partition : partitions) partition.finish();
  for (std::size_t i = 0; i < banks.size(); ++i) {
    banks[i].finish();
    out.psum[i] = merged(std::move(pieces[i]));
  }
  return out;
}

}  // namespace neuron::view

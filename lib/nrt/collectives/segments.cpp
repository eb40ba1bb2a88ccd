// SPDX-License-Identifier: Apache-2.0
#include "nrt/collectives/segments.h"

#include <algorithm>

namespace neuron::nrt::cc {
namespace {

constexpr std::size_t kScratch = 4 << 20;    ///< bytes of others' parts that wait to be reduced
constexpr std::size_t kSegments = 3;         ///< in flight at a time
constexpr std::size_t kSmallest = 64 << 10;  ///< bytes of a segment, if there are so many
constexpr std::size_t kLargest = 512 << 10;

/// Memory of this thread that operations need for a while; it is not cleared.
std::span<std::byte> scratch_of(std::size_t size) {
  thread_local Bytes scratch;
  if (scratch.size() < size) scratch.resize(size);
  return std::span(scratch).first(size);
}

/// Others' contributions to one member's part come in segments, each into one of a few slots; what
/// they are reduced to goes to all others, if these shall have it.
class Segments {
 public:
  Segments(Exchange& exchange, const Scatter& s) : exchange_(exchange), s_(s) {
    const std::size_t others = s.group.size() - 1, element = size_of(s.type);
    const std::size_t longest = *std::max_element(s.parts.sizes.begin(), s.parts.sizes.end());
    const std::size_t most = std::clamp(kScratch / others / kSegments, kSmallest, kLargest);
    const std::size_t half = (longest / element + 1) / 2 * element;
    bytes_ = std::clamp(half, kSmallest, most) / element * element;
    count_ = (longest + bytes_ - 1) / bytes_;
    slot_ = std::min(bytes_, s.out.size());
    scratch_ = scratch_of(std::min(kSegments, count_) * others * slot_);
    awaited_.resize(kSegments);
    sent_.resize(kSegments);
  }

  Result<> run() {
    for (std::size_t i = 0; i < count_ + kSegments - 1; ++i) {
      if (i < count_) ask(i);
      if (i + 1 < kSegments) continue;
      TRY(take(i + 1 - kSegments));
      if (!s_.all.empty()) TRY(give(i + 1 - kSegments));
    }
    return exchange_.finish();
  }

 private:
  ByteView part(std::uint32_t member) const {
    return s_.in.subspan(s_.parts.offsets[member], s_.parts.sizes[member]);
  }
  template <class Byte>
  std::span<Byte> segment(std::span<Byte> part, std::size_t i) const {
    const std::size_t at = std::min(part.size(), i * bytes_);
    return part.subspan(at, std::min(bytes_, part.size() - at));
  }
  std::span<std::byte> slot(std::size_t i, std::uint32_t distance, std::size_t size) {
    const std::size_t others = s_.group.size() - 1;
    return scratch_.subspan((i % kSegments * others + distance - 1) * slot_, size);
  }

  void ask(std::size_t i) {
    const std::size_t own = segment(s_.out, i).size();
    auto &awaited = awaited_[i % kSegments], &sent = sent_[i % kSegments];
    awaited.clear();
    sent.clear();
    for (std::uint32_t d = 1; d < s_.group.size(); ++d) {
      const std::uint32_t from = s_.group.before(d), to = s_.group.behind(d);
      if (own) awaited.push_back(exchange_.receive(from, slot(i, d, own)));
      if (const ByteView more = segment(part(to), i); !more.empty())
        sent.push_back(exchange_.send(to, more));
    }
  }

  Result<> take(std::size_t i) {
    const std::size_t own = segment(s_.out, i).size();
    if (own == 0) return {};
    for (const std::size_t number : awaited_[i % kSegments]) TRY(exchange_.wait(number));
    if (s_.out.data() == s_.in.data() && s_.all.empty()) TRY(see_off(i));
    std::vector<ByteView> from(s_.group.size());
    from[s_.group.index] = segment(part(s_.group.index), i);
    for (std::uint32_t d = 1; d < s_.group.size(); ++d) from[s_.group.before(d)] = slot(i, d, own);
    reduce(from, s_.type, s_.how, segment(s_.out, i));
    return {};
  }

  /// What comes, or is made of it, may lie where what goes is.
  Result<> see_off(std::size_t i) {
    for (const std::size_t number : sent_[i % kSegments]) TRY(exchange_.wait(number));
    return {};
  }

  Result<> give(std::size_t i) {
    TRY(see_off(i));
    for (std::uint32_t d = 1; d < s_.group.size(); ++d) {
      const std::uint32_t from = s_.group.before(d), to = s_.group.behind(d);
      const auto theirs = s_.all.subspan(s_.parts.offsets[from], s_.parts.sizes[from]);
      if (const auto more = segment(theirs, i); !more.empty()) exchange_.receive(from, more);
      if (const auto own = segment(s_.out, i); !own.empty()) exchange_.send(to, own);
    }
    return {};
  }

  Exchange& exchange_;
  const Scatter& s_;
  std::size_t bytes_ = 0, count_ = 0, slot_ = 0;
  std::span<std::byte> scratch_;
  std::vector<std::vector<std::size_t>> awaited_, sent_;  ///< by slot: receives and sends
};

}  // namespace

Parts split(std::size_t elements, std::size_t element, std::uint32_t parts) {
  const auto begin = [&](std::size_t i) { return elements * i / parts * element; };
  Parts made;
  for (std::uint32_t i = 0; i < parts; ++i) {
    made.offsets.push_back(begin(i));
    made.sizes.push_back(begin(i + 1) - begin(i));
  }
  return made;
}

Result<> reduce_in_segments(Exchange& exchange, const Scatter& scatter) {
  return Segments(exchange, scatter).run();
}

}  // namespace neuron::nrt::cc

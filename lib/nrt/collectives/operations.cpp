// SPDX-License-Identifier: Apache-2.0
// Every operation sends each part straight to who needs it: on a network of equals that takes one
// step and moves no byte twice. How hardware would do it is a matter of the clock, not of values.
#include "nrt/collectives/operations.h"

#include <algorithm>
#include <cstring>

#include "nrt/collectives/exchange.h"

namespace neuron::nrt::cc {
namespace {

constexpr std::size_t kSmall = 64 << 10;     ///< bytes of all inputs that are reduced by everybody
constexpr std::size_t kScratch = 4 << 20;    ///< bytes of others' parts that wait to be reduced
constexpr std::size_t kSegments = 3;         ///< in flight at a time
constexpr std::size_t kSmallest = 64 << 10;  ///< bytes of a segment, if there are so many

void copy(ByteView from, std::span<std::byte> to) {
  if (!from.empty() && from.data() != to.data()) std::memmove(to.data(), from.data(), from.size());
}

Result<> same_size(std::size_t found, std::size_t expected, const char* what) {
  if (found == expected) return {};
  return fail(Code::BadUsage, "{} holds {} bytes, expected {}", what, found, expected);
}

/// The member `distance` places behind this one; everybody begins with another.
std::uint32_t around(const Group& group, std::uint32_t distance) {
  return (group.index + distance) % group.size();
}

Result<std::size_t> elements_of(ByteView bytes, DType type) {
  TRY(check_reducible(type));
  if (bytes.size() % size_of(type) == 0) return bytes.size() / size_of(type);
  return fail(Code::BadUsage, "{} bytes are no whole elements of {}", bytes.size(), name_of(type));
}

/// Where the parts of a vector begin, in bytes; part i goes from [i] to [i + 1].
std::vector<std::size_t> split(std::size_t elements, std::size_t element, std::uint32_t parts) {
  std::vector<std::size_t> at;
  for (std::uint32_t i = 0; i <= parts; ++i) at.push_back(elements * i / parts * element);
  return at;
}

/// What reducing this member's part takes: the input, cut in parts, and where the result goes.
struct Scatter {
  const Group& group;
  ByteView in;
  const std::vector<std::size_t>& at;
  std::span<std::byte> out;
  DType type;
  Reduction how;

  ByteView part(std::uint32_t member) const {
    return in.subspan(at[member], at[member + 1] - at[member]);
  }
};

/// Others' contributions to one member's part come in segments, each into one of a few slots.
class Segments {
 public:
  Segments(Exchange& exchange, const Scatter& s) : exchange_(exchange), s_(s) {
    const std::size_t others = s.group.size() - 1, element = size_of(s.type);
    bytes_ = std::max(kSmallest, kScratch / others / kSegments) / element * element;
    bytes_ = std::max(bytes_, element);
    for (std::uint32_t i = 0; i < s.group.size(); ++i)
      count_ = std::max(count_, (s.part(i).size() + bytes_ - 1) / bytes_);
    slot_ = std::min(bytes_, s.out.size());
    scratch_.resize(std::min(kSegments, count_) * others * slot_);
    awaited_.resize(kSegments);
  }

  Result<> run() {
    for (std::size_t i = 0; i < count_ + kSegments - 1; ++i) {
      if (i < count_) ask(i);
      if (i + 1 >= kSegments) TRY(take(i + 1 - kSegments));
    }
    return {};
  }

 private:
  ByteView segment(ByteView part, std::size_t i) const {
    const std::size_t at = std::min(part.size(), i * bytes_);
    return part.subspan(at, std::min(bytes_, part.size() - at));
  }
  std::span<std::byte> slot(std::size_t i, std::uint32_t distance, std::size_t size) {
    const std::size_t others = s_.group.size() - 1;
    return std::span(scratch_).subspan((i % kSegments * others + distance - 1) * slot_, size);
  }

  void ask(std::size_t i) {
    const std::size_t own = segment(s_.out, i).size();
    auto& awaited = awaited_[i % kSegments];
    awaited.clear();
    for (std::uint32_t d = 1; d < s_.group.size(); ++d) {
      const std::uint32_t from = around(s_.group, s_.group.size() - d), to = around(s_.group, d);
      if (own) awaited.push_back(exchange_.receive(from, slot(i, d, own)));
      if (const ByteView more = segment(s_.part(to), i); !more.empty()) exchange_.send(to, more);
    }
  }

  Result<> take(std::size_t i) {
    const std::size_t own = segment(s_.out, i).size();
    if (own == 0) return {};
    for (const std::size_t number : awaited_[i % kSegments]) TRY(exchange_.wait(number));
    std::vector<ByteView> from(s_.group.size());
    from[s_.group.index] = segment(s_.part(s_.group.index), i);
    for (std::uint32_t d = 1; d < s_.group.size(); ++d)
      from[around(s_.group, s_.group.size() - d)] = slot(i, d, own);
    reduce(from, s_.type, s_.how, s_.out.subspan(i * bytes_, own));
    return {};
  }

  Exchange& exchange_;
  const Scatter& s_;
  std::size_t bytes_ = 0, count_ = 0, slot_ = 0;
  Bytes scratch_;
  std::vector<std::vector<std::size_t>> awaited_;  ///< by slot: receives
};

/// Every member's part goes to all others; ours is in its place already.
void spread(Exchange& exchange, const Group& group, std::span<std::byte> all,
            const std::vector<std::size_t>& at) {
  const auto part = [&](std::uint32_t i) { return all.subspan(at[i], at[i + 1] - at[i]); };
  for (std::uint32_t d = 1; d < group.size(); ++d) {
    const std::uint32_t from = around(group, group.size() - d);
    if (!part(from).empty()) exchange.receive(from, part(from));
  }
  for (std::uint32_t d = 1; d < group.size(); ++d)
    if (!part(group.index).empty()) exchange.send(around(group, d), part(group.index));
}

/// Little data: everybody gets everything and reduces it.
Result<> reduce_everywhere(World& world, const Group& group, ByteView in, std::span<std::byte> out,
                           DType type, Reduction how) {
  Bytes all(in.size() * group.size());
  std::vector<ByteView> from;
  for (std::uint32_t i = 0; i < group.size(); ++i)
    from.push_back(ByteView(all).subspan(i * in.size(), in.size()));
  copy(in, std::span(all).subspan(group.index * in.size(), in.size()));
  Exchange exchange(world, group, "all_reduce");
  TRY(exchange.begin());
  spread(exchange, group, all, split(group.size(), in.size(), group.size()));
  TRY(exchange.finish());
  reduce(from, type, how, out);
  return {};
}

}  // namespace

Result<> barrier(World& world, const Group& group) {
  Exchange exchange(world, group, "barrier");
  TRY(exchange.begin());
  std::byte said{}, word{};
  for (std::uint32_t d = 1; d < group.size(); d *= 2) {
    const auto heard = exchange.receive(around(group, group.size() - d), {&word, 1});
    exchange.send(around(group, d), {&said, 1});
    TRY(exchange.wait(heard));
  }
  return exchange.finish();
}

Result<> all_gather(World& world, const Group& group, ByteView in, std::span<std::byte> out) {
  TRY(same_size(out.size(), in.size() * group.size(), "the output of all_gather"));
  copy(in, out.subspan(group.index * in.size(), in.size()));
  Exchange exchange(world, group, "all_gather");
  TRY(exchange.begin());
  spread(exchange, group, out, split(group.size(), in.size(), group.size()));
  return exchange.finish();
}

Result<> all_reduce(World& world, const Group& group, ByteView in, std::span<std::byte> out,
                    DType type, Reduction how) {
  const std::size_t elements = TRY(elements_of(in, type));
  TRY(same_size(out.size(), in.size(), "the output of all_reduce"));
  if (in.size() * group.size() <= kSmall || group.size() == 1)
    return reduce_everywhere(world, group, in, out, type, how);
  const auto at = split(elements, size_of(type), group.size());
  Exchange exchange(world, group, "all_reduce");
  TRY(exchange.begin());
  const Scatter scatter{group, in,
                        at,    out.subspan(at[group.index], at[group.index + 1] - at[group.index]),
                        type,  how};
  Segments segments(exchange, scatter);
  TRY(segments.run());
  TRY(exchange.finish());  // `out` may be `in`, which is sent until here
  spread(exchange, group, out, at);
  return exchange.finish();
}

Result<> reduce_scatter(World& world, const Group& group, ByteView in, std::span<std::byte> out,
                        DType type, Reduction how) {
  const std::size_t elements = TRY(elements_of(out, type));
  TRY(same_size(in.size(), out.size() * group.size(), "the input of reduce_scatter"));
  const auto at = split(elements * group.size(), size_of(type), group.size());
  Exchange exchange(world, group, "reduce_scatter");
  TRY(exchange.begin());
  if (group.size() == 1) {
    copy(in, out);
    return {};
  }
  const Scatter scatter{group, in, at, out, type, how};
  Segments segments(exchange, scatter);
  TRY(segments.run());
  return exchange.finish();
}

Result<> all_to_all(World& world, const Group& group, ByteView in, std::span<std::byte> out) {
  TRY(same_size(out.size(), in.size(), "the output of all_to_all"));
  if (in.size() % group.size() != 0)
    return fail(Code::BadUsage, "{} bytes cannot be cut in {} equal parts", in.size(),
                group.size());
  const std::size_t size = in.size() / group.size();
  Parts parts;
  for (std::uint32_t i = 0; i < group.size(); ++i) {
    parts.offsets.push_back(i * size);
    parts.sizes.push_back(size);
  }
  return all_to_all_parts(world, group, in, parts, out, parts);
}

Result<> all_to_all_parts(World& world, const Group& group, ByteView in, const Parts& sends,
                          std::span<std::byte> out, const Parts& receives) {
  for (const auto& [parts, bytes] : {std::pair(&sends, in.size()), {&receives, out.size()}}) {
    TRY(same_size(parts->offsets.size(), group.size(), "a list of parts"));
    TRY(same_size(parts->sizes.size(), group.size(), "a list of parts"));
    for (std::size_t i = 0; i < group.size(); ++i)
      if (parts->offsets[i] > bytes || parts->sizes[i] > bytes - parts->offsets[i])
        return fail(Code::BadUsage, "part {} leaves the {} bytes there are", i, bytes);
  }
  const std::uint32_t own = group.index;
  TRY(same_size(receives.sizes[own], sends.sizes[own], "the part of this rank"));
  copy(in.subspan(sends.offsets[own], sends.sizes[own]),
       out.subspan(receives.offsets[own], receives.sizes[own]));
  Exchange exchange(world, group, "all_to_all");
  TRY(exchange.begin());
  for (std::uint32_t d = 1; d < group.size(); ++d) {
    const std::uint32_t from = around(group, group.size() - d);
    if (receives.sizes[from])
      exchange.receive(from, out.subspan(receives.offsets[from], receives.sizes[from]));
  }
  for (std::uint32_t d = 1; d < group.size(); ++d) {
    const std::uint32_t to = around(group, d);
    if (sends.sizes[to]) exchange.send(to, in.subspan(sends.offsets[to], sends.sizes[to]));
  }
  return exchange.finish();
}

Result<> permute(World& world, const Group& group, const Pairs& pairs, ByteView in,
                 std::span<std::byte> out) {
  TRY(same_size(out.size(), in.size(), "the output of permute"));
  for (const auto& [from, to] : pairs)
    if (from >= group.size() || to >= group.size())
      return fail(Code::BadUsage, "pair [{}, {}] names no member of {}", from, to, group.size());
  Exchange exchange(world, group, "permute");
  TRY(exchange.begin());
  bool is_given = false;
  for (const auto& [from, to] : pairs) {
    if (to == group.index && std::exchange(is_given, true))
      return fail(Code::BadUsage, "two pairs end at {}", to);
    if (from == to && from == group.index) copy(in, out);
    if (from == to) continue;
    if (to == group.index && !out.empty()) exchange.receive(from, out);
    if (from == group.index && !in.empty()) exchange.send(to, in);
  }
  if (!is_given) std::fill(out.begin(), out.end(), std::byte{0});
  return exchange.finish();
}

Result<> send_receive(World& world, const Group& group, std::uint32_t from, std::uint32_t to,
                      ByteView in, std::span<std::byte> out) {
  Exchange exchange(world, group, "send_receive");
  TRY(exchange.begin());
  if (from == group.index && to == group.index) copy(in, out);
  if (from != to && to == group.index && !out.empty()) exchange.receive(from, out);
  if (from != to && from == group.index && !in.empty()) exchange.send(to, in);
  return exchange.finish();
}

}  // namespace neuron::nrt::cc

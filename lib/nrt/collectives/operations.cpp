// SPDX-License-Identifier: Apache-2.0
// Every operation sends each part straight to who needs it: on a network of equals that takes one
// step and moves no byte twice. Only little data, whose messages cost more than their bytes, is
// passed on. How hardware would do it is a matter of the clock, not of values.
#include "nrt/collectives/operations.h"

#include <algorithm>
#include <cstring>

#include "nrt/collectives/segments.h"

namespace neuron::nrt::cc {
namespace {

constexpr std::size_t kSmall = 64 << 10;  ///< bytes of all members that are passed on
/// Bytes that two members give each other whole: no more than halves there and back, and one wait.
constexpr std::size_t kSwapped = 1 << 20;

void copy(ByteView from, std::span<std::byte> to) {
  if (!from.empty() && from.data() != to.data()) std::memmove(to.data(), from.data(), from.size());
}

Result<> same_size(std::size_t found, std::size_t expected, const char* what) {
  if (found == expected) return {};
  return fail(Code::BadUsage, "{} holds {} bytes, expected {}", what, found, expected);
}

Result<std::size_t> elements_of(ByteView bytes, DType type) {
  TRY(check_reducible(type));
  if (bytes.size() % size_of(type) == 0) return bytes.size() / size_of(type);
  return fail(Code::BadUsage, "{} bytes are no whole elements of {}", bytes.size(), name_of(type));
}

/// Every member's part goes to all others; ours is in its place already.
void spread(Exchange& exchange, const Group& group, std::span<std::byte> all, const Parts& parts) {
  const auto part = [&](std::uint32_t i) { return all.subspan(parts.offsets[i], parts.sizes[i]); };
  for (std::uint32_t d = 1; d < group.size(); ++d) {
    const std::uint32_t from = group.before(d);
    if (!part(from).empty()) exchange.receive(from, part(from));
  }
  for (std::uint32_t d = 1; d < group.size(); ++d)
    if (!part(group.index).empty()) exchange.send(group.behind(d), part(group.index));
}

/// Little data: what a member has doubles with each step. `all` begins with its own part; those of
/// the members behind it follow.
Result<> gather_in_steps(Exchange& exchange, const Group& group, std::span<std::byte> all) {
  const std::size_t size = all.size() / group.size();
  if (size == 0) return exchange.finish();
  for (std::uint32_t has = 1; has < group.size(); has *= 2) {
    const std::size_t more = std::min(has, group.size() - has) * size;
    const auto got = exchange.receive(group.behind(has), all.subspan(has * size, more));
    exchange.send(group.before(has), all.first(more));
    TRY(exchange.wait(got));
  }
  return exchange.finish();
}

/// Little data: everybody gets everything and reduces it.
Result<> reduce_everywhere(World& world, const Group& group, ByteView in, std::span<std::byte> out,
                           DType type, Reduction how) {
  Bytes all(in.size() * group.size());
  copy(in, std::span(all).first(in.size()));
  Exchange exchange(world, group, "all_reduce");
  TRY(exchange.begin());
  TRY(gather_in_steps(exchange, group, all));
  std::vector<ByteView> from(group.size());
  for (std::uint32_t i = 0; i < group.size(); ++i)
    from[group.behind(i)] = ByteView(all).subspan(i * in.size(), in.size());
  reduce(from, type, how, out);
  return {};
}

/// The same for who needs them in the order of members.
Result<> gather_little(World& world, const Group& group, ByteView in, std::span<std::byte> out) {
  Bytes all(out.size());
  copy(in, std::span(all).first(in.size()));
  Exchange exchange(world, group, "all_gather");
  TRY(exchange.begin());
  TRY(gather_in_steps(exchange, group, all));
  const std::size_t before = group.index * in.size();  // the ring ends with them
  copy(ByteView(all).first(out.size() - before), out.subspan(before));
  copy(ByteView(all).last(before), out.first(before));
  return {};
}

}  // namespace

Result<> barrier(World& world, const Group& group) {
  Exchange exchange(world, group, "barrier");
  TRY(exchange.begin());
  std::byte said{}, word{};
  for (std::uint32_t d = 1; d < group.size(); d *= 2) {
    const auto heard = exchange.receive(group.before(d), {&word, 1});
    exchange.send(group.behind(d), {&said, 1});
    TRY(exchange.wait(heard));
  }
  return exchange.finish();
}

Result<> all_gather(World& world, const Group& group, ByteView in, std::span<std::byte> out) {
  TRY(same_size(out.size(), in.size() * group.size(), "the output of all_gather"));
  if (out.size() <= kSmall) return gather_little(world, group, in, out);
  Exchange exchange(world, group, "all_gather");
  TRY(exchange.begin());
  copy(in, out.subspan(group.index * in.size(), in.size()));
  spread(exchange, group, out, split(group.size(), in.size(), group.size()));
  return exchange.finish();
}

Result<> all_reduce(World& world, const Group& group, ByteView in, std::span<std::byte> out,
                    DType type, Reduction how) {
  const std::size_t elements = TRY(elements_of(in, type));
  TRY(same_size(out.size(), in.size(), "the output of all_reduce"));
  if (in.size() * group.size() <= kSmall || group.size() == 1)
    return reduce_everywhere(world, group, in, out, type, how);
  Exchange exchange(world, group, "all_reduce");
  TRY(exchange.begin());
  if (group.size() == 2 && in.size() <= kSwapped) {
    const Parts everything{{0, 0}, {in.size(), in.size()}};
    return reduce_in_segments(exchange, {group, in, everything, out, {}, type, how});
  }
  const Parts parts = split(elements, size_of(type), group.size());
  const auto own = out.subspan(parts.offsets[group.index], parts.sizes[group.index]);
  return reduce_in_segments(exchange, {group, in, parts, own, out, type, how});
}

Result<> reduce_scatter(World& world, const Group& group, ByteView in, std::span<std::byte> out,
                        DType type, Reduction how) {
  const std::size_t elements = TRY(elements_of(out, type));
  TRY(same_size(in.size(), out.size() * group.size(), "the input of reduce_scatter"));
  const Parts parts = split(elements * group.size(), size_of(type), group.size());
  Exchange exchange(world, group, "reduce_scatter");
  TRY(exchange.begin());
  if (group.size() == 1) {
    copy(in, out);
    return {};
  }
  return reduce_in_segments(exchange, {group, in, parts, out, {}, type, how});
}

Result<> all_to_all(World& world, const Group& group, ByteView in, std::span<std::byte> out) {
  TRY(same_size(out.size(), in.size(), "the output of all_to_all"));
  if (in.size() % group.size() != 0)
    return fail(Code::BadUsage, "{} bytes cannot be cut in {} equal parts", in.size(),
                group.size());
  const Parts parts = split(group.size(), in.size() / group.size(), group.size());
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
    const std::uint32_t from = group.before(d);
    if (receives.sizes[from])
      exchange.receive(from, out.subspan(receives.offsets[from], receives.sizes[from]));
  }
  for (std::uint32_t d = 1; d < group.size(); ++d) {
    const std::uint32_t to = group.behind(d);
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

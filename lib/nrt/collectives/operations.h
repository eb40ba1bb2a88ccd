// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <utility>

#include "nrt/collectives/reduce.h"
#include "nrt/collectives/world.h"

/// What the ranks of a group do together. Every rank of the group calls the same function, in the
/// same order on one stream; each call returns when this rank has what is its own. A dead, missing
/// or silent rank fails with NRT_EXEC_HW_ERR_COLLECTIVES and its name, and breaks the world.
/// Inputs and outputs may be the same bytes only where it is said.
namespace neuron::nrt::cc {

Result<> barrier(World& world, const Group& group);

/// `out` holds the inputs of all ranks one after another; all are of the size of `in`.
Result<> all_gather(World& world, const Group& group, ByteView in, std::span<std::byte> out);

/// The reduction of all inputs, on all ranks; `out` may be `in`.
Result<> all_reduce(World& world, const Group& group, ByteView in, std::span<std::byte> out,
                    DType type, Reduction how);

/// Part i of the reduction of all inputs on rank i; `in` is as many times as long as there are
/// ranks.
Result<> reduce_scatter(World& world, const Group& group, ByteView in, std::span<std::byte> out,
                        DType type, Reduction how);

/// Part i of `in` goes to rank i, where it becomes the part of this rank.
Result<> all_to_all(World& world, const Group& group, ByteView in, std::span<std::byte> out);

/// Parts of bytes: where each begins and how long it is, by member.
struct Parts {
  std::vector<std::size_t> offsets, sizes;
};
/// The same with parts of any size; what one sends another must be what that expects.
Result<> all_to_all_parts(World& world, const Group& group, ByteView in, const Parts& sends,
                          std::span<std::byte> out, const Parts& receives);

/// Each pair moves the input of its first member to the output of its second. An output that no
/// pair names becomes zero.
using Pairs = std::vector<std::pair<std::uint32_t, std::uint32_t>>;
Result<> permute(World& world, const Group& group, const Pairs& pairs, ByteView in,
                 std::span<std::byte> out);

/// One message between two members: both call it, with the same order of members.
Result<> send_receive(World& world, const Group& group, std::uint32_t from, std::uint32_t to,
                      ByteView in, std::span<std::byte> out);

}  // namespace neuron::nrt::cc

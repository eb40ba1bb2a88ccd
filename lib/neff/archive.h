// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "neff/neff.h"

/// The payload of a package: a tar archive, gzipped or plain. Only this file's .cpp knows
/// libarchive.
namespace neuron::neff {

/// What an archive may grow to: kFree bytes, or kRatio times its packed size up to kMost.
inline constexpr std::uint64_t kFree = std::uint64_t{1} << 30, kRatio = 256,
                               kMost = std::uint64_t{1} << 36;
inline constexpr std::size_t kMostMembers = std::size_t{1} << 18;
inline constexpr std::size_t kLongestPath = 4096;
std::uint64_t expansion_limit(std::uint64_t packed_bytes);

/// "sg00/def.json" of "./sg00//def.json"; an error for a path that leaves the package.
Result<std::string> clean_path(std::string_view path);

Result<std::vector<Member>> read_archive(ByteView payload);
/// Members in order, with fixed times, owners and modes.
Result<Bytes> write_archive(const std::vector<Member>& members, Compression compression);

}  // namespace neuron::neff

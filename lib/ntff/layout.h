// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <cstdint>
#include <string_view>

/// Numbers that the reader and the writer of traces share. man/neuron-ntff.5 explains them.
namespace neuron::ntff {

inline constexpr std::uint8_t kOldestVersion = 4, kNewestVersion = 6;
/// u8 version, u64 size of the metadata, and memory that devices leave uninitialised.
inline constexpr std::size_t kHeaderBytes = 128;
/// The tag of the metadata's first field, a string.
inline constexpr std::uint8_t kFirstMetadataByte = 0x0a;
inline constexpr std::uint64_t kConstant = 10001;  // field 3 of every file seen

inline constexpr std::size_t kInstructionBytes = 64;
inline constexpr std::uint32_t kPcMask = 0xfffff;
inline constexpr std::uint8_t kNotifyOpcode = 0xa6, kNotifyBegin = 2, kNotifyEnd = 3;
inline constexpr std::size_t kNotifyKindAt = 36;

inline constexpr std::uint64_t kSourceCore = 0, kSourceDma = 1, kSourceCollectives = 2;

/// The runtime's git text in traces of this project's simulator.
inline constexpr std::string_view kSimulated = "simulated";

}  // namespace neuron::ntff

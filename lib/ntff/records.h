// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "ntff/ntff.h"

/// The 16-byte records: two words of bits and a time. unpack and pack are each other's inverse on
/// every bit that the structs hold.
namespace neuron::ntff {

inline constexpr std::size_t kRecordBytes = kPackedBytes;
/// Largest DMA packet that a record can tell.
inline constexpr std::uint32_t kMaxPacketBytes = 0xffffff;

enum class RecordKind : std::uint32_t {
  Instruction = 0,
  Event = 1,
  Error = 2,
  Dma = 4,
  Throttle = 5
};

struct RawRecord {
  std::uint32_t a, b;
  std::uint64_t time;
};
static_assert(sizeof(RawRecord) == kRecordBytes);

void unpack(const RawRecord& raw, InstructionRecord& record);
void unpack(const RawRecord& raw, EventRecord& record);
void unpack(const RawRecord& raw, DmaRecord& record);
void unpack(const RawRecord& raw, ThrottleRecord& record);
/// All but its CC-core, which the section tells.
void unpack(const RawRecord& raw, CollectiveRecord& record);

RawRecord pack(const InstructionRecord& record);
RawRecord pack(const EventRecord& record);
RawRecord pack(const DmaRecord& record);
RawRecord pack(const ThrottleRecord& record);
RawRecord pack(const CollectiveRecord& record);

}  // namespace neuron::ntff

// SPDX-License-Identifier: Apache-2.0
#include "ntff/records.h"

#include <algorithm>

namespace neuron::ntff {
namespace {

constexpr std::uint32_t kAlways = 1u << 31;  // set in every record seen
constexpr std::uint32_t kOther = 1u << 20;   // set in instruction records of kind 2 only
constexpr std::uint32_t kLoopsBack = 1u << 21;
constexpr std::uint32_t kSemaphore = 1u << 8;
// Bits 24 to 30 of the two kinds whose top byte is fixed but for the originator.
constexpr std::uint32_t kEventMark = 3u << 24;
constexpr std::uint32_t kThrottleMark = 0x1eu << 24;

constexpr std::uint32_t bits(std::uint32_t word, int from, int count) {
  return word >> from & ((1u << count) - 1);
}
constexpr std::uint8_t byte_of(std::uint32_t word, int index) {
  return static_cast<std::uint8_t>(word >> 8 * index);
}

}  // namespace

void unpack(const RawRecord& raw, InstructionRecord& record) {
  record = {.time_ps = raw.time,
            .pc20 = bits(raw.a, 0, 20),
            .engine = static_cast<std::uint8_t>((bits(raw.a, 26, 3) + 7) & 7),  // stored plus one
            .kind = static_cast<std::uint8_t>(bits(raw.a, 24, 2)),
            .loops_back = (raw.a & kLoopsBack) != 0,
            .low = static_cast<std::uint16_t>(raw.b),
            .high = static_cast<std::uint16_t>(raw.b >> 16)};
}

RawRecord pack(const InstructionRecord& record) {
  const std::uint32_t a = kAlways | ((record.engine + 1u) & 7) << 26 | (record.kind & 3u) << 24 |
                          (record.loops_back ? kLoopsBack : 0) | (record.kind == 2 ? kOther : 0) |
                          (record.pc20 & 0xfffff);
  return {a, record.low | std::uint32_t{record.high} << 16, record.time_ps};
}

void unpack(const RawRecord& raw, EventRecord& record) {
  record = {.time_ps = raw.time,
            .id = byte_of(raw.a, 0),
            .is_semaphore = (raw.a & kSemaphore) != 0,
            .op = byte_of(raw.a, 2),
            .originator = static_cast<std::uint8_t>(bits(raw.a, 26, 3)),
            .value = raw.b};
}

RawRecord pack(const EventRecord& record) {
  const std::uint32_t a = kAlways | kEventMark | (record.originator & 7u) << 26 |
                          std::uint32_t{record.op} << 16 | (record.is_semaphore ? kSemaphore : 0) |
                          record.id;
  return {a, record.value, record.time_ps};
}

void unpack(const RawRecord& raw, DmaRecord& record) {
  record = {.time_ps = raw.time,
            .size = bits(raw.a, 0, 24),
            .engine = static_cast<std::uint8_t>(bits(raw.a, 24, 6)),
            .kind = static_cast<std::uint8_t>(bits(raw.b, 0, 4)),
            .ring = static_cast<std::uint8_t>(bits(raw.b, 4, 4)),
            .crc = static_cast<std::uint16_t>(raw.b >> 16)};
}

RawRecord pack(const DmaRecord& record) {
  const std::uint32_t a =
      kAlways | (record.engine & 63u) << 24 | std::min(record.size, kMaxPacketBytes);
  const std::uint32_t b =
      std::uint32_t{record.crc} << 16 | (record.ring & 15u) << 4 | (record.kind & 15u);
  return {a, b, record.time_ps};
}

void unpack(const RawRecord& raw, ThrottleRecord& record) {
  record = {.time_ps = raw.time,
            .counter = byte_of(raw.a, 0),
            .n = byte_of(raw.a, 2),
            .k = byte_of(raw.b, 0),
            .kind = byte_of(raw.b, 1)};
}

RawRecord pack(const ThrottleRecord& record) {
  return {kAlways | kThrottleMark | std::uint32_t{record.n} << 16 | record.counter,
          record.k | std::uint32_t{record.kind} << 8, record.time_ps};
}

void unpack(const RawRecord& raw, CollectiveRecord& record) {
  InstructionRecord trigger{};
  unpack(raw, trigger);
  record = {trigger.time_ps,
            trigger.pc20,
            trigger.engine,
            trigger.kind,
            0,
            static_cast<std::uint8_t>(trigger.low)};
}

RawRecord pack(const CollectiveRecord& record) {
  return pack(InstructionRecord{record.time_ps, record.pc20, record.engine, record.kind, false,
                                record.algorithm, 0});
}

namespace {
template <class Record>
std::size_t unpack_all(ByteView packed, std::size_t first, std::span<Record> out) {
  const std::size_t count = packed.size() / kRecordBytes;
  const std::size_t wanted = std::min(out.size(), count - std::min(count, first));
  for (std::size_t i = 0; i < wanted; ++i)
    unpack(load<RawRecord>(packed, (first + i) * kRecordBytes), out[i]);
  return wanted;
}
}  // namespace
std::size_t unpack(ByteView packed, std::size_t first, std::span<InstructionRecord> out) {
  return unpack_all(packed, first, out);
}
std::size_t unpack(ByteView packed, std::size_t first, std::span<EventRecord> out) {
  return unpack_all(packed, first, out);
}
std::size_t unpack(ByteView packed, std::size_t first, std::span<DmaRecord> out) {
  return unpack_all(packed, first, out);
}

}  // namespace neuron::ntff

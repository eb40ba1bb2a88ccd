// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/file.h"

/// NTFF traces: one metadata message and arrays of 16-byte records, as real devices write them.
///   auto trace = TRY(ntff::read("profile.ntff"));
///   fmt::print("{} cores, version {}\n", trace.cores.size(), trace.version);
/// Versions 4, 5 and 6 are read, 6 is written. Times are picoseconds of one clock.
namespace neuron::ntff {

/// Records as they are, in arrival order; pairing starts with ends is the viewer's work.
struct InstructionRecord {
  std::uint64_t time_ps;
  std::uint32_t pc20;       ///< (device address >> 6) & 0xFFFFF
  std::uint8_t engine;      ///< 0 tensor, 1 scalar, 2 gpsimd, 3 vector, 4 sync
  std::uint8_t kind;        ///< 0 start, 1 end, 2 other
  bool loops_back;          ///< bit 21
  std::uint16_t low, high;  ///< start: high = wait in engine cycles; end: crc in, crc out
  bool operator==(const InstructionRecord&) const = default;
};
struct EventRecord {
  std::uint64_t time_ps;
  std::uint8_t id;
  bool is_semaphore;
  std::uint8_t op;          ///< 0xF3 increment, 0xF4 decrement, 0xF9 reset, 0xF1 set, 0x07 clear
  std::uint8_t originator;  ///< 1 to 5 engine index + 1, 6 outside
  std::uint32_t value;      ///< after the change
  bool operator==(const EventRecord&) const = default;
};
struct DmaRecord {
  std::uint64_t time_ps;
  std::uint32_t size;   ///< bytes; end records only
  std::uint8_t engine;  ///< number modulo 64
  std::uint8_t kind;    ///< 1 packet start, 5 packet end, 6 completion
  std::uint8_t ring;
  std::uint16_t crc;  ///< end records only
  bool operator==(const DmaRecord&) const = default;
};
struct ThrottleRecord {
  std::uint64_t time_ps;
  std::uint8_t counter, n, k, kind;
  bool operator==(const ThrottleRecord&) const = default;
};

/// How ranks can do a collective operation; records hold the place in this list.
inline constexpr const char* kCollectiveAlgorithms[] = {"unknown",   "mesh", "rdh",
                                                        "kangaring", "ring", "hier"};
/// A collective operation on a CC-core begins or ends. No public trace holds such records: these
/// are our simulator's own, and those of devices are not read.
struct CollectiveRecord {
  std::uint64_t time_ps;
  std::uint32_t pc20;      ///< of the instruction that triggered it
  std::uint8_t engine;     ///< that this instruction is of
  std::uint8_t kind;       ///< 0 start, 1 end
  std::uint8_t cc_core;    ///< two for each NeuronCore
  std::uint8_t algorithm;  ///< start: place in kCollectiveAlgorithms
  bool operator==(const CollectiveRecord&) const = default;
};

/// Records of one kind: those that are unpacked, and behind them those that stay in the trace's
/// file, as open() leaves them, until for_each() passes by.
template <class Record>
struct Records : std::vector<Record> {
  using std::vector<Record>::vector;
  std::vector<ByteView> packed;
  std::shared_ptr<const void> owner;  ///< of their bytes
  const MappedFile* file = nullptr;   ///< set where what was passed by may be let go

  /// Of both sorts.
  std::size_t count() const;
};
/// Unpacks as many records as fit, those from number `first` on; returns how many.
std::size_t unpack(ByteView packed, std::size_t first, std::span<InstructionRecord> out);
std::size_t unpack(ByteView packed, std::size_t first, std::span<EventRecord> out);
std::size_t unpack(ByteView packed, std::size_t first, std::span<DmaRecord> out);

/// Calls visit(record) for each, in the order of their arrival.
template <class Record, class Visit>
void for_each(const Records<Record>& records, Visit visit);

/// The 64-byte instructions of one engine as they stood in device memory after load.
struct Image {
  std::uint8_t engine = 0;
  std::uint64_t base = 0;  ///< device address
  Bytes bytes;
  struct Range {
    std::uint64_t offset;  ///< bytes into the image
    std::uint64_t count;   ///< instructions
    std::uint32_t kind;    ///< 0 inserted by the runtime, 2 compiler instructions removed here
    bool operator==(const Range&) const = default;
  };
  std::vector<Range> ranges;
  bool operator==(const Image&) const = default;
};

struct Trigger {
  std::uint32_t id = 0;  ///< dma[].id of the NEFF
  std::uint32_t packets = 0, from_descriptors = 0, to_descriptors = 0;
  bool operator==(const Trigger&) const = default;
};
struct Ring {
  std::uint32_t engine = 0;  ///< DMA engine
  std::uint32_t index = 0;   ///< the ring that records name
  std::uint32_t kind = 0;    ///< 0 tables, 2 spill or dynamic, 3 IO
  std::string queue;         ///< as in def.json
  std::vector<Trigger> triggers;
  bool operator==(const Ring&) const = default;
};
struct MemoryUse {
  std::uint32_t category = 0;
  std::uint64_t bytes = 0;
  std::string name;  ///< empty in version 4
  bool operator==(const MemoryUse&) const = default;
};

/// One physical core.
struct CoreTrace {
  std::string subgraph;  ///< "sg00"
  std::uint32_t nc_index = 0, device_index = 0;
  std::uint64_t duration_ps = 0;
  std::vector<Image> images;
  std::vector<Ring> rings;
  std::vector<MemoryUse> memory;
  Records<InstructionRecord> instructions;
  Records<EventRecord> events;
  Records<DmaRecord> dma;
  std::vector<ThrottleRecord> throttles;
  std::vector<CollectiveRecord> collectives;
};

struct Version {
  std::uint32_t major = 0, minor = 0, patch = 0;
  std::string git;
  bool operator==(const Version&) const = default;
};
struct Trace {
  std::uint8_t version = 6;
  std::string neff_name;
  std::array<std::byte, 16> uuid{};  ///< of the NEFF; trust uuid_bytes of it only
  std::size_t uuid_bytes = 16;       ///< old writers lose bytes
  Version runtime, driver, collectives;
  std::string instance_type, instance_id;
  std::uint32_t lnc_size = 1;
  std::uint64_t begin_ps = 0, end_ps = 0;  ///< window of the execution
  bool is_simulated = false;               ///< the producer says so in the runtime's version text
  std::vector<CoreTrace> cores;
  std::vector<std::string> oddities;  ///< what was tolerated while reading, one sentence each
};

/// Unframes zstd, then parses. A trace cut short is read as far as it goes, with an oddity.
Result<Trace> parse(ByteView bytes);
Result<Trace> read(const fs::path& path);
/// As read(), in memory that does not grow with the records: they stay in the file where its clocks
/// need no correction. A framed trace is unpacked into a file without a name in `spool`.
Result<Trace> open(const fs::path& path, const fs::path& spool);
enum class Framing { None, Zstd };
/// Always version 6; `trace.version` is not looked at. Same trace, same bytes.
Bytes bytes_of(const Trace& trace, Framing framing);

inline constexpr std::size_t kPackedBytes = 16;  ///< of a record in a file
template <class Record>
std::size_t Records<Record>::count() const {
  std::size_t count = this->size();
  for (const ByteView part : packed) count += part.size() / kPackedBytes;
  return count;
}
template <class Record, class Visit>
void for_each(const Records<Record>& records, Visit visit) {
  for (const Record& record : records) visit(record);
  constexpr std::size_t kLetGo = std::size_t{4} << 20;  // bytes
  std::array<Record, 512> some;
  for (const ByteView part : records.packed) {
    std::size_t done = 0, behind = 0;
    while (const std::size_t got = unpack(part, done, some)) {
      for (std::size_t i = 0; i < got; ++i) visit(some[i]);
      done += got;
      if (done * kPackedBytes - behind < kLetGo) continue;
      if (records.file) records.file->release(part.subspan(behind, done * kPackedBytes - behind));
      behind = done * kPackedBytes;
    }
  }
}

}  // namespace neuron::ntff

// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <string_view>
#include <unordered_map>

#include "view/formats/sink.h"

/// Packets of Perfetto's trace format: tracks, slices, instants and counters of one sequence.
namespace neuron::view::perfetto {

/// Fields of perfetto.def: field::TracePacket_timestamp.
namespace field {
#define PERFETTO_FIELD(message, name, number) inline constexpr unsigned message##_##name = number;
#include "view/formats/perfetto.def"
#undef PERFETTO_FIELD
}  // namespace field

enum EventType : std::uint64_t { kSliceBegin = 1, kSliceEnd = 2, kInstant = 3, kCounter = 4 };
inline constexpr std::uint64_t kStateCleared = 1, kNeedsState = 2;  // sequence flags
inline constexpr std::uint64_t kSequence = 1;
inline constexpr std::uint64_t kExplicitOrder = 3;

/// Times are picoseconds and become nanoseconds, rounded down. An event is open until the next call
/// that starts another one, so that note() can add to it.
class Writer {
 public:
  explicit Writer(const Sink& sink) : spool_(sink) {}

  /// Tracks, announced at once; the id to use in events.
  std::uint64_t process(int pid, std::string_view name);
  std::uint64_t track(std::uint64_t parent, int rank, std::string_view name);
  std::uint64_t counter(std::uint64_t parent, int rank, std::string_view name,
                        std::string_view unit);

  void begin_slice(std::uint64_t track, std::int64_t at_ps, std::string_view name);
  void end_slice(std::uint64_t track, std::int64_t at_ps);
  void instant(std::uint64_t track, std::int64_t at_ps, std::string_view name);
  void value(std::uint64_t track, std::int64_t at_ps, double value);
  /// An argument of the open event; an empty text is left out.
  void note(std::string_view name, std::int64_t value);
  void note(std::string_view name, std::string_view value);
  /// An arrow between two slices that name the same flow; `is_end` for the later one.
  void flow(std::uint64_t id, bool is_end);
  /// Ends the open event.
  void close();

  Result<> settle() { return spool_.settle(); }
  Result<> finish();

 private:
  using Ids = std::unordered_map<std::string, std::uint64_t>;
  void open(EventType type, std::uint64_t track, std::int64_t at_ps);
  std::uint64_t intern(Ids& ids, unsigned kind, std::string_view text);
  std::uint64_t announce(const std::string& descriptor);
  void packet(std::string_view body, unsigned payload_field, std::string_view payload);

  Spool spool_;
  Ids names_, note_names_, note_texts_;
  std::uint64_t last_track_ = 0;
  bool is_first_ = true, is_open_ = false;
  std::int64_t at_ps_ = 0;
  // Buffers that are kept, so that an event allocates nothing.
  std::string event_, interned_, note_, head_, key_;
};

}  // namespace neuron::view::perfetto

// SPDX-License-Identifier: Apache-2.0
#include "view/store/details.h"

#include <algorithm>
#include <array>

#include "isa/isa.h"

namespace neuron::view {
namespace {

// One list of columns and one function that fills them for each record.
#define NEURON_DETAIL(record, field, kind, none, group, label, value) \
  {#record, {#field, DetailKind::kind, none, group, label}},
struct Entry {
  std::string_view record;
  DetailInfo info;
};
constexpr Entry kEntries[] = {
#include "view/store/details.def"
};
#undef NEURON_DETAIL

template <class Record>
constexpr std::string_view record_name() {
  if constexpr (std::is_same_v<Record, Instruction>) return "Instruction";
  if constexpr (std::is_same_v<Record, DmaPacket>) return "DmaPacket";
  if constexpr (std::is_same_v<Record, SemaphoreUpdate>) return "SemaphoreUpdate";
  if constexpr (std::is_same_v<Record, Throttle>) return "Throttle";
  if constexpr (std::is_same_v<Record, Collective>) return "Collective";
}

template <class Record>
const std::vector<DetailInfo>& columns_for() {
  static const std::vector<DetailInfo> columns = [] {
    std::vector<DetailInfo> list;
    for (const Entry& entry : kEntries)
      if (entry.record == record_name<Record>()) list.push_back(entry.info);
    return list;
  }();
  return columns;
}

constexpr std::size_t kTileRows = 512;  // records that stay in the cache while columns are filled
static_assert(kChunkRows % kTileRows == 0);

template <class Wanted, class Record, class Value>
void put_column(const Timeline& t, std::span<const Record> events, Value value,
                ColumnBuffer& buffer, std::size_t& column) {
  if constexpr (std::is_same_v<Wanted, Record>) {
    auto& values = buffer.columns[column++];
    const std::size_t at = values.size();
    values.resize(at + events.size());
    std::int64_t* to = values.data() + at;
    for (const Record& e : events) *to++ = value(t, e);
  }
}

template <class Record>
void put_columns(const Timeline& timeline, std::span<const Record> events, ColumnBuffer& buffer) {
  std::size_t column = 0;
#define NEURON_DETAIL(record, field, kind, none, group, label, value)            \
  put_column<record>(                                                            \
      timeline, events,                                                          \
      []([[maybe_unused]] const Timeline& t, [[maybe_unused]] const record& e) { \
        return static_cast<std::int64_t>(value);                                 \
      },                                                                         \
      buffer, column);
#include "view/store/details.def"
#undef NEURON_DETAIL
}

template <class Record>
Result<std::uint32_t> write_table(SegmentPart& out, const Timeline& timeline,
                                  const SpoolList<Record>& records, const TrackMap& tracks) {
  const std::uint32_t table = out.add_table();
  const std::size_t columns = columns_for<Record>().size();
  ColumnBuffer buffer(columns + 1);
  for (std::size_t begin = 0; begin < records.size(); begin += kTileRows) {
    const std::size_t end = std::min(begin + kTileRows, records.size());
    put_columns(timeline, std::span(records).subspan(begin, end - begin), buffer);
    for (std::size_t i = begin; i < end; ++i) buffer.columns[columns].push_back(tracks.track_of(i));
    if (buffer.rows() < kChunkRows && end < records.size()) continue;
    const auto last = static_cast<std::int64_t>(end);
    const std::size_t first = end - buffer.rows();
    TRY(out.add_chunk(table, static_cast<std::int64_t>(first), last, buffer));
    release(records, first, end);
    release(tracks.lane_of, first, end);
  }
  return table;
}

/// "17,324.973 ns": the unit of the axis, whatever the size, so that times compare at sight.
std::string time_text(std::int64_t ps) {
  const auto size = ps < 0 ? -static_cast<std::uint64_t>(ps) : static_cast<std::uint64_t>(ps);
  std::string text = std::to_string(size / 1000);
  for (auto at = text.size(); at > 3; at -= 3) text.insert(at - 3, 1, ',');
  if (size % 1000) {
    text += fmt::format(".{:03}", size % 1000);
    text.erase(text.find_last_not_of('0') + 1);
  }
  return (ps < 0 ? "-" : "") + text + " ns";
}

Result<Json> json_of(const Segment& segment, std::size_t texts, const DetailInfo& info,
                     std::int64_t value) {
  Json field{{"name", info.field}, {"label", info.label}, {"value", value}};
  switch (info.kind) {
    case DetailKind::Time:
      field["text"] = time_text(value);
      break;
    case DetailKind::Bytes:
      field["text"] = fmt::format("{} B", value);
      break;
    case DetailKind::Hex:
      field["text"] = fmt::format("{:04x}", value);
      break;
    case DetailKind::Flag:
      field["text"] = value ? "yes" : "no";
      break;
    case DetailKind::Number:
      field["text"] = fmt::format("{}", value);
      break;
    case DetailKind::Opcode:
      field["text"] = opcode_name(static_cast<std::uint8_t>(value));
      break;
    case DetailKind::Engine:
      field["text"] = value >= 0 && value < isa::kEngines
                          ? std::string(isa::info(static_cast<isa::Engine>(value)).shown)
                          : fmt::format("{}", value);
      break;
    case DetailKind::Text: {
      std::string text = TRY(segment.text(texts, static_cast<std::uint32_t>(value)));
      field["text"] = std::move(text);
      break;
    }
  }
  return field;
}

/// Bytes a second follow from two columns, so they are not stored.
void add_rate(Json& groups, const Columns& block, std::size_t row) {
  const std::int64_t ps = block.at(detail_column(RowKind::Queue, "duration_ps"), row);
  const std::int64_t bytes = block.at(detail_column(RowKind::Queue, "transfer_size"), row);
  if (ps <= 0) return;
  const double rate = static_cast<double>(bytes) * 1e12 / static_cast<double>(ps);
  for (Json& group : groups)
    if (group["name"] == "Memory")
      group["fields"].push_back({{"name", "transfer_rate"},
                                 {"label", "Transfer rate"},
                                 {"value", rate},
                                 {"text", fmt::format("{:.3f} GB/s", rate / 1e9)}});
}

}  // namespace

std::span<const DetailInfo> details_of(RowKind kind) {
  switch (kind) {
    case RowKind::Instruction:
      return columns_for<Instruction>();
    case RowKind::Queue:
      return columns_for<DmaPacket>();
    case RowKind::Semaphore:
      return columns_for<SemaphoreUpdate>();
    case RowKind::Collective:
      return columns_for<Collective>();
    case RowKind::Throttle:
      break;
  }
  return columns_for<Throttle>();
}

std::size_t detail_column(RowKind kind, std::string_view field) {
  const auto columns = details_of(kind);
  const auto found = std::find_if(columns.begin(), columns.end(),
                                  [&](const DetailInfo& info) { return info.field == field; });
  return static_cast<std::size_t>(found - columns.begin());
}

Result<std::uint32_t> write_details(SegmentPart& out, const Timeline& timeline, RowKind kind,
                                    const TrackMap& tracks) {
  switch (kind) {
    case RowKind::Instruction:
      return write_table(out, timeline, timeline.instructions, tracks);
    case RowKind::Queue:
      return write_table(out, timeline, timeline.packets, tracks);
    case RowKind::Semaphore:
      return write_table(out, timeline, timeline.semaphores, tracks);
    case RowKind::Collective:
      return write_table(out, timeline, timeline.collectives, tracks);
    case RowKind::Throttle:
      break;
  }
  return write_table(out, timeline, timeline.throttles, tracks);
}

Result<Json> read_details(const Segment& segment, RowKind kind, std::size_t table,
                          std::size_t texts, std::uint32_t index) {
  const auto& chunks = segment.table(table);
  const auto chunk =
      std::find_if(chunks.begin(), chunks.end(), [&](const Chunk& c) { return index < c.last; });
  const auto columns = details_of(kind);
  if (chunk == chunks.end() || index < chunk->first ||
      index - chunk->first >= static_cast<std::int64_t>(chunk->rows))
    return fail(Code::NotFound, "no {} {}", text_of(kind), index);
  auto block = TRY(segment.read(*chunk, columns.size() + 1));
  const auto row = static_cast<std::size_t>(index - chunk->first);
  Json groups = Json::array();
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const std::int64_t value = block->at(i, row);
    if (value == columns[i].none) continue;
    if (groups.empty() || groups.back()["name"] != columns[i].group)
      groups.push_back({{"name", columns[i].group}, {"fields", Json::array()}});
    Json field = TRY(json_of(segment, texts, columns[i], value));
    groups.back()["fields"].push_back(std::move(field));
  }
  if (kind == RowKind::Queue) add_rate(groups, *block, row);
  Json out{{"kind", text_of(kind)}, {"index", index}, {"groups", std::move(groups)}};
  out["track"] = block->at(columns.size(), row);
  return out;
}

}  // namespace neuron::view

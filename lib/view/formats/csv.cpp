// SPDX-License-Identifier: Apache-2.0
#include "view/formats/csv.h"

#include <fmt/format.h>

#include <iterator>

#include "isa/isa.h"
#include "view/formats/json.h"
#include "view/rings.h"

namespace neuron::view {
namespace {

/// What the expressions of csv.def ask for.
struct Exporter {
  const Timeline& t;
  const RingTypes rings;
  explicit Exporter(const Timeline& timeline) : t(timeline), rings(timeline) {}

  std::string track(const Instruction& e) const { return std::string(track_of(e)) + "E"; }
  std::string_view engine(std::uint8_t engine) const {
    return engine < isa::kEngines ? isa::info(static_cast<isa::Engine>(engine)).shown : "Unknown";
  }
  std::string unless_negative(std::int64_t value) const {
    return value < 0 ? std::string() : fmt::format("{}", value);
  }
  std::string rate(std::uint64_t bytes, std::int64_t ps) const {
    return ps > 0
               ? fmt::format("{:.0f}", static_cast<double>(bytes) * 1e12 / static_cast<double>(ps))
               : "0";
  }
  std::string queue(const DmaPacket& p) const {
    const DmaRing* ring = rings.find(p);
    return ring ? ring->queue : fmt::format("Q{}-E{}", p.ring, p.engine);
  }
  std::string_view variable(const DmaPacket& p) const {
    return p.transfer && p.transfer <= t.transfers.size()
               ? std::string_view(t.text(t.transfers[p.transfer - 1].variable))
               : "unknown";
  }
  std::string throttle(const Throttle& e) const { return fmt::format("activity_{}", e.kind); }
};

void put(std::string& out, std::string_view text) {
  if (text.find_first_of(",\"\n\r") == std::string_view::npos) {
    out += text;
    return;
  }
  out += '"';
  for (char c : text) {
    if (c == '"') out += '"';
    out += c;
  }
  out += '"';
}
template <class T>
requires std::is_integral_v<T>
void put(std::string& out, T value) { fmt::format_to(std::back_inserter(out), "{}", +value); }

const auto& rows_Instruction(const Timeline& t) { return t.instructions; }
const auto& rows_DmaPacket(const Timeline& t) { return t.packets; }
const auto& rows_DmaPacketAggregated(const Timeline& t) { return t.transfers; }
const auto& rows_SemaphoreUpdate(const Timeline& t) { return t.semaphores; }
const auto& rows_Throttle(const Timeline& t) { return t.throttles; }

enum class Table { Instruction, DmaPacket, DmaPacketAggregated, SemaphoreUpdate, Throttle };

/// Columns of other tables vanish at compile time; each ends with a comma that settle() replaces.
#define CSV_ROW(table, field, value) \
  if constexpr (kTable == Table::table) spool.text += #field ",";
template <Table kTable>
void put_head(Spool& spool) {
#include "view/formats/csv.def"
  spool.text.back() = '\n';
}
#undef CSV_ROW

#define CSV_ROW(table, field, value)      \
  if constexpr (kTable == Table::table) { \
    put(spool.text, value);               \
    spool.text += ',';                    \
  }
template <Table kTable, class Row>
void put_row(Spool& spool, const Exporter& x, const Row& e, [[maybe_unused]] std::size_t i) {
#include "view/formats/csv.def"
  spool.text.back() = '\n';
}
#undef CSV_ROW

template <Table kTable, class Rows>
Result<> write(const Timeline& timeline, const Rows& rows, const Sink& sink) {
  Spool spool(sink);
  put_head<kTable>(spool);
  const Exporter x(timeline);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    put_row<kTable>(spool, x, rows[i], i);
    TRY(spool.settle());
  }
  return spool.flush();
}

#define TABLE(name)                                                                     \
  {                                                                                     \
#name, [](const Timeline& t) { return rows_##name(t).empty(); },                      \
   [](const Timeline& t, const Sink& sink) {                                             \
     return write<Table::name>(t, rows_##name(t), sink);                                 \
   } \
  }

}  // namespace

const CsvTable kCsvTables[5] = {TABLE(Instruction), TABLE(DmaPacket), TABLE(DmaPacketAggregated),
                                TABLE(SemaphoreUpdate), TABLE(Throttle)};
#undef TABLE

}  // namespace neuron::view

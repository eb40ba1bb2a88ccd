// SPDX-License-Identifier: Apache-2.0
#include "view/store/dependencies.h"

#include <algorithm>
#include <map>
#include <optional>

#include "view/store/details.h"

namespace neuron::view {
namespace {

// In traces of real devices a semaphore changes 9 to 14 ns after its instruction ends.
constexpr std::int64_t kSignalPs = 100'000;
// A wait that ends with an update begins about 20 ns after it; it may be stamped a little early.
constexpr std::int64_t kSlackPs = 2'000;
constexpr std::int64_t kFarthestRow = 20'000;  // rows on each side that are looked through
constexpr std::int64_t kMostAfter = 8;

struct Update {
  std::int64_t at_ps = 0, value = 0;
};

/// A table of details by index, its columns by name.
class Table {
 public:
  static Result<Table> open(const Segment& segment, RowKind kind) {
    const Json* details = json::find(segment.description(), "details");
    if (!details) return fail(Code::Malformed, "\"details\" is missing");
    const auto table = TRY(json::get<std::uint32_t>(*details, text_of(kind)));
    if (table >= segment.table_count()) return fail(Code::Malformed, "no table {}", table);
    return Table(segment, kind, table);
  }
  std::int64_t rows() const { return chunks_->empty() ? 0 : chunks_->back().last; }
  /// Makes row `index` the one that at() reads; false when there is none.
  Result<bool> seek(std::int64_t index) {
    if (index < 0 || index >= rows()) return false;
    if (!block_ || index < first_ || index >= last_) {
      const auto chunk = std::find_if(chunks_->begin(), chunks_->end(),
                                      [&](const Chunk& c) { return index < c.last; });
      block_ = TRY(segment_->read(*chunk, details_of(kind_).size() + 1));
      first_ = chunk->first;
      last_ = std::min(chunk->last, first_ + static_cast<std::int64_t>(block_->rows()));
      if (index < first_ || index >= last_) return false;
    }
    row_ = static_cast<std::size_t>(index - first_);
    return true;
  }
  std::int64_t at(std::size_t column) const { return block_->at(column, row_); }
  std::size_t column(std::string_view field) const { return detail_column(kind_, field); }
  std::int64_t begin_ps() const { return at(begin_); }
  std::int64_t end_ps() const { return at(end_); }
  std::int64_t core() const { return at(core_); }
  std::int64_t track() const { return block_->at(details_of(kind_).size(), row_); }

 private:
  Table(const Segment& segment, RowKind kind, std::size_t table)
      : segment_(&segment),
        kind_(kind),
        chunks_(&segment.table(table)),
        begin_(column("begin_ps")),
        end_(column("end_ps")),
        core_(column("core")) {}
  const Segment* segment_;
  RowKind kind_;
  const std::vector<Chunk>* chunks_;
  std::size_t begin_, end_, core_;  // columns
  std::shared_ptr<const Columns> block_;
  std::int64_t first_ = 0, last_ = 0;
  std::size_t row_ = 0;
};

/// Everything that one answer needs.
struct Search {
  const Segment& segment;
  std::size_t texts;
  Table instructions, semaphores;
  std::size_t operands, opcode;  // columns of instructions
  std::int64_t core = 0, index = 0;
  Json found = Json::array();
};

Result<SyncText> sync_at(const Search& s) {
  const auto id = static_cast<std::uint32_t>(s.instructions.at(s.operands));
  const std::string operands = TRY(s.segment.text(s.texts, id));
  return parse_sync(operands);
}

/// All updates of one semaphore of the core, in order of time.
Result<std::vector<Update>> updates_of(Search& s, std::int64_t semaphore) {
  std::vector<Update> updates;
  const std::size_t id = s.semaphores.column("id"), value = s.semaphores.column("value");
  for (std::int64_t i = 0; i < s.semaphores.rows(); ++i) {
    const bool is_there = TRY(s.semaphores.seek(i));
    if (is_there && s.semaphores.at(id) == semaphore && s.semaphores.core() == s.core)
      updates.push_back({s.semaphores.begin_ps(), s.semaphores.at(value)});
  }
  std::stable_sort(updates.begin(), updates.end(),
                   [](const Update& a, const Update& b) { return a.at_ps < b.at_ps; });
  return updates;
}

std::string row_name(const Segment& segment, std::int64_t track) {
  const Json* rows = json::find(segment.description(), "rows");
  for (std::size_t i = 0; rows && i < rows->size(); ++i)
    for (const Json& known : (*rows)[i].value("tracks", Json::array()))
      if (known == track) return (*rows)[i].value("name", "");
  return {};
}

/// Adds the event that `table` stands at.
void add(Search& s, const char* direction, const Table& table, std::int64_t index,
         std::int64_t semaphore, const Update& update, const std::string& label) {
  s.found.push_back({{"direction", direction},
                     {"semaphore", semaphore},
                     {"value", update.value},
                     {"at_ps", update.at_ps},
                     {"track", table.track()},
                     {"index", index},
                     {"begin_ps", table.begin_ps()},
                     {"end_ps", table.end_ps()},
                     {"row", row_name(s.segment, table.track())},
                     {"label", label}});
}

/// The instruction that raises `semaphore` and ends last before the update.
Result<bool> add_raising_instruction(Search& s, std::int64_t semaphore, const Update& update) {
  std::int64_t best = -1, best_end = update.at_ps - kSignalPs;
  for (std::int64_t i = s.index; i > s.index - kFarthestRow; --i) {
    const bool is_there = TRY(s.instructions.seek(i));
    if (!is_there) break;
    const std::int64_t end = s.instructions.end_ps();
    if (i == s.index || s.instructions.core() != s.core || end > update.at_ps || end < best_end)
      continue;
    const SyncText sync = TRY(sync_at(s));
    if (sync.raises != semaphore) continue;
    best = i;
    best_end = end;
  }
  const bool is_there = TRY(s.instructions.seek(best));
  if (is_there)
    add(s, "before", s.instructions, best, semaphore, update,
        opcode_name(static_cast<std::uint8_t>(s.instructions.at(s.opcode))));
  return is_there;
}

/// The last row that begins at or before `ps`; rows are in order of their begin.
Result<std::int64_t> last_begun(Table& table, std::int64_t ps) {
  std::int64_t low = 0, high = table.rows();
  while (low < high) {
    const std::int64_t middle = low + (high - low) / 2;
    const bool is_there = TRY(table.seek(middle));
    if (is_there && table.begin_ps() <= ps)
      low = middle + 1;
    else
      high = middle;
  }
  return low - 1;
}

/// The packet of queue `owner` that ends last before the update.
Result<> add_raising_packet(Search& s, const std::string& owner, std::int64_t semaphore,
                            const Update& update) {
  auto packets = TRY(Table::open(s.segment, RowKind::Queue));
  std::int64_t best = -1, best_end = update.at_ps - 10 * kSignalPs;
  std::map<std::int64_t, bool> is_owners;  // by track
  const std::int64_t from = TRY(last_begun(packets, update.at_ps));
  for (std::int64_t i = from; i > from - kFarthestRow; --i) {
    const bool is_there = TRY(packets.seek(i));
    if (!is_there) break;
    const std::int64_t end = packets.end_ps();
    if (end > update.at_ps || end < best_end || packets.core() != s.core) continue;
    const auto [known, is_new] = is_owners.try_emplace(packets.track(), false);
    if (is_new) {
      const std::string name = row_name(s.segment, packets.track());
      known->second = name == owner || name.rfind(owner + " (", 0) == 0;
    }
    if (!known->second) continue;
    best = i;
    best_end = end;
  }
  const bool is_there = TRY(packets.seek(best));
  if (is_there)
    add(s, "before", packets, best, semaphore, update,
        fmt::format("packet of {} B", packets.at(packets.column("transfer_size"))));
  return {};
}

Result<> add_before(Search& s, const SyncText& sync, std::int64_t begin_ps) {
  const auto updates = TRY(updates_of(s, sync.waits_for));
  std::optional<Update> reached;
  std::int64_t value = -1;
  for (const Update& update : updates) {
    if (update.at_ps > begin_ps + kSlackPs) break;
    if (update.value >= sync.at_least && value < sync.at_least) reached = update;
    value = update.value;
  }
  if (!reached) return {};
  const bool is_found = TRY(add_raising_instruction(s, sync.waits_for, *reached));
  if (is_found || sync.owner.empty()) return {};
  return add_raising_packet(s, sync.owner, sync.waits_for, *reached);
}

Result<> add_after(Search& s, std::int64_t semaphore, std::int64_t end_ps) {
  const auto updates = TRY(updates_of(s, semaphore));
  const auto raised = std::find_if(updates.begin(), updates.end(),
                                   [&](const Update& u) { return u.at_ps >= end_ps; });
  if (raised == updates.end() || raised->at_ps > end_ps + kSignalPs) return {};
  const auto lowered =
      std::find_if(raised, updates.end(), [&](const Update& u) { return u.value < raised->value; });
  const std::int64_t until_ps =
      lowered == updates.end() ? std::numeric_limits<std::int64_t>::max() : lowered->at_ps;
  std::int64_t count = 0;
  for (std::int64_t i = s.index + 1; i < s.index + kFarthestRow && count < kMostAfter; ++i) {
    const bool is_there = TRY(s.instructions.seek(i));
    if (!is_there || s.instructions.begin_ps() > until_ps) break;
    if (s.instructions.core() != s.core || s.instructions.begin_ps() + kSlackPs < raised->at_ps)
      continue;
    const SyncText sync = TRY(sync_at(s));
    if (sync.waits_for != semaphore || sync.at_least != raised->value) continue;
    add(s, "after", s.instructions, i, semaphore, *raised,
        opcode_name(static_cast<std::uint8_t>(s.instructions.at(s.opcode))));
    ++count;
  }
  return {};
}

}  // namespace

Result<Json> dependencies_of(const Segment& segment, std::uint32_t index) {
  const auto texts = TRY(json::get<std::uint32_t>(segment.description(), "texts"));
  if (texts >= segment.table_count()) return fail(Code::Malformed, "no table {}", texts);
  auto instructions = TRY(Table::open(segment, RowKind::Instruction));
  auto semaphores = TRY(Table::open(segment, RowKind::Semaphore));
  Search s{segment,
           texts,
           instructions,
           semaphores,
           instructions.column("operands"),
           instructions.column("opcode"),
           0,
           std::int64_t{index},
           Json::array()};
  const bool is_there = TRY(s.instructions.seek(index));
  if (!is_there) return fail(Code::NotFound, "no instruction {}", index);
  s.core = s.instructions.core();
  const std::int64_t begin_ps = s.instructions.begin_ps();
  const std::int64_t end_ps = s.instructions.end_ps();
  const SyncText sync = TRY(sync_at(s));
  if (sync.waits_for >= 0) TRY(add_before(s, sync, begin_ps));
  if (sync.raises >= 0) TRY(add_after(s, sync.raises, end_ps));
  return std::move(s.found);
}

}  // namespace neuron::view

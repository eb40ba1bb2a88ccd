// SPDX-License-Identifier: Apache-2.0
#include "view/store/catalogue.h"

#include <sqlite3.h>

namespace neuron::view {
namespace {

constexpr std::int64_t kCatalogueVersion = 2;
constexpr int kBusyMs = 10'000;

constexpr const char* kTables =
    "CREATE TABLE IF NOT EXISTS profiles(id TEXT PRIMARY KEY, display_name TEXT NOT NULL,"
    " neff_name TEXT NOT NULL, created_s INTEGER NOT NULL, total_ps INTEGER NOT NULL,"
    " instructions INTEGER NOT NULL, packets INTEGER NOT NULL, bytes INTEGER NOT NULL,"
    " is_simulated INTEGER NOT NULL, segment TEXT NOT NULL)";
constexpr const char* kMarkerTable =
    "CREATE TABLE IF NOT EXISTS markers(profile TEXT NOT NULL, name_of_set TEXT NOT NULL,"
    " position INTEGER NOT NULL, at_ps INTEGER NOT NULL, name TEXT NOT NULL,"
    " PRIMARY KEY(profile, name_of_set, position)) WITHOUT ROWID";

// Version 2: tags and state of profiles, and groups of profiles that were captured together.
constexpr const char* kUpgradeTo2[] = {
    "ALTER TABLE profiles ADD COLUMN tags TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE profiles ADD COLUMN is_finished INTEGER NOT NULL DEFAULT 1",
    "CREATE TABLE groups(id TEXT PRIMARY KEY, display_name TEXT NOT NULL,"
    " created_s INTEGER NOT NULL)",
    "CREATE TABLE members(group_id TEXT NOT NULL, position INTEGER NOT NULL,"
    " profile TEXT NOT NULL, name TEXT NOT NULL, PRIMARY KEY(group_id, position)) WITHOUT ROWID",
    "PRAGMA user_version=2"};

/// Tags stand in one column, a line each.
std::string lines_of(const std::vector<std::string>& tags) {
  std::string lines;
  for (const std::string& tag : tags) lines += tag + "\n";
  return lines;
}
std::vector<std::string> tags_of(std::string_view lines) {
  std::vector<std::string> tags;
  for (std::size_t end; (end = lines.find('\n')) != std::string_view::npos;
       lines.remove_prefix(end + 1))
    tags.emplace_back(lines.substr(0, end));
  return tags;
}

std::string text_at(sqlite3_stmt* row, int column) {
  const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(row, column));
  return text ? std::string(text, static_cast<std::size_t>(sqlite3_column_bytes(row, column)))
              : std::string();
}

}  // namespace

Result<std::shared_ptr<Catalogue>> Catalogue::open(const fs::path& directory) {
  std::error_code problem;
  fs::create_directories(directory, problem);
  if (problem)
    return fail(Code::Io, "{}: cannot create the profile store: {}; set NEURON_PROFILE_DIR",
                directory.string(), problem.message());
  std::shared_ptr<Catalogue> catalogue(new Catalogue(directory));
  const std::string path = (directory / "catalogue.db").string();
  constexpr int kFlags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_FULLMUTEX;
  if (sqlite3_open_v2(path.c_str(), &catalogue->database_, kFlags, nullptr) != SQLITE_OK)
    return catalogue->error("cannot open");
  sqlite3_busy_timeout(catalogue->database_, kBusyMs);
  TRY(catalogue->prepare_tables());
  return catalogue;
}

Catalogue::~Catalogue() { sqlite3_close_v2(database_); }

Error Catalogue::error(const char* act) const {
  const int code = sqlite3_errcode(database_);
  const bool is_damaged = code == SQLITE_CORRUPT || code == SQLITE_NOTADB;
  const char* advice = is_damaged ? "; move it away and view the profiles again to rebuild it"
                       : code == SQLITE_READONLY || code == SQLITE_CANTOPEN || code == SQLITE_PERM
                           ? "; set NEURON_PROFILE_DIR to a directory that can be written"
                           : "";
  return fail(is_damaged ? Code::Malformed : Code::Io, "{}: {}: {}{}",
              (directory_ / "catalogue.db").string(), act, sqlite3_errmsg(database_), advice);
}

Result<> Catalogue::prepare_tables() {
  std::int64_t version = 0;
  TRY(run("PRAGMA user_version", {},
          [&](sqlite3_stmt* row) { version = sqlite3_column_int64(row, 0); }));
  if (version == kCatalogueVersion) return {};
  if (version > kCatalogueVersion)
    return fail(Code::UnsupportedVersion, "{}: version {}, this program knows {}",
                (directory_ / "catalogue.db").string(), version, kCatalogueVersion);
  TRY(run("PRAGMA journal_mode=WAL", {}));  // readers go on while one writes
  return in_transaction([&]() -> Result<> {
    // Another process may have done it since.
    TRY(run("PRAGMA user_version", {},
            [&](sqlite3_stmt* row) { version = sqlite3_column_int64(row, 0); }));
    if (version == kCatalogueVersion) return {};
    TRY(run(kTables, {}));
    TRY(run(kMarkerTable, {}));
    for (const char* step : kUpgradeTo2) TRY(run(step, {}));
    return {};
  });
}

Result<> Catalogue::run(const char* sql, const std::vector<Value>& values, const Visit& visit) {
  sqlite3_stmt* raw = nullptr;
  if (sqlite3_prepare_v2(database_, sql, -1, &raw, nullptr) != SQLITE_OK)
    return error("cannot read the catalogue");
  const std::unique_ptr<sqlite3_stmt, int (*)(sqlite3_stmt*)> statement(raw, sqlite3_finalize);
  int position = 0;
  for (const Value& value : values) {
    ++position;
    if (const auto* number = std::get_if<std::int64_t>(&value))
      sqlite3_bind_int64(raw, position, *number);
    else if (const auto* text = std::get_if<std::string>(&value))
      sqlite3_bind_text(raw, position, text->data(), static_cast<int>(text->size()),
                        SQLITE_TRANSIENT);
  }
  int step = SQLITE_ROW;
  while ((step = sqlite3_step(raw)) == SQLITE_ROW)
    if (visit) visit(raw);
  if (step != SQLITE_DONE) return error("cannot use the catalogue");
  return {};
}

Result<> Catalogue::in_transaction(const std::function<Result<>()>& work) {
  TRY(run("BEGIN IMMEDIATE", {}));
  auto done = work();
  if (done) return run("COMMIT", {});
  auto undone = run("ROLLBACK", {});  // the first failure is the one to tell
  (void)undone;
  return done;
}

Result<std::optional<std::string>> Catalogue::segment_of(const std::string& id) {
  const std::lock_guard lock(mutex_);
  std::optional<std::string> segment;
  TRY(run("SELECT segment FROM profiles WHERE id = ?", {id},
          [&](sqlite3_stmt* row) { segment = text_at(row, 0); }));
  return segment;
}

Result<> Catalogue::enter(const ProfileEntry& entry, const std::string& segment) {
  const std::lock_guard lock(mutex_);
  return run(
      "INSERT OR REPLACE INTO profiles VALUES(?,?,?,?,?,?,?,?,?,?,?,?)",
      {entry.id, entry.display_name, entry.neff_name, entry.created_s, entry.total_ps,
       static_cast<std::int64_t>(entry.instructions), static_cast<std::int64_t>(entry.packets),
       static_cast<std::int64_t>(entry.bytes), static_cast<std::int64_t>(entry.is_simulated),
       segment, lines_of(entry.tags), static_cast<std::int64_t>(!segment.empty())});
}

Result<std::vector<ProfileEntry>> Catalogue::list() {
  const std::lock_guard lock(mutex_);
  std::vector<ProfileEntry> entries;
  TRY(
      run("SELECT id, display_name, neff_name, created_s, total_ps, instructions, packets, bytes,"
          " is_simulated, tags, is_finished FROM profiles ORDER BY created_s DESC, rowid DESC",
          {}, [&](sqlite3_stmt* row) {
            ProfileEntry entry;
            entry.id = text_at(row, 0);
            entry.display_name = text_at(row, 1);
            entry.neff_name = text_at(row, 2);
            entry.created_s = sqlite3_column_int64(row, 3);
            entry.total_ps = sqlite3_column_int64(row, 4);
            entry.instructions = static_cast<std::uint64_t>(sqlite3_column_int64(row, 5));
            entry.packets = static_cast<std::uint64_t>(sqlite3_column_int64(row, 6));
            entry.bytes = static_cast<std::uint64_t>(sqlite3_column_int64(row, 7));
            entry.is_simulated = sqlite3_column_int64(row, 8) != 0;
            entry.tags = tags_of(text_at(row, 9));
            entry.is_finished = sqlite3_column_int64(row, 10) != 0;
            entries.push_back(std::move(entry));
          }));
  return entries;
}

Result<> Catalogue::save_markers(const std::string& id, const std::string& set,
                                 const std::vector<Marker>& markers) {
  const std::lock_guard lock(mutex_);
  return in_transaction([&]() -> Result<> {
    TRY(run("DELETE FROM markers WHERE profile = ? AND name_of_set = ?", {id, set}));
    std::int64_t position = 0;
    for (const Marker& marker : markers)
      TRY(run("INSERT INTO markers VALUES(?,?,?,?,?)",
              {id, set, position++, marker.at_ps, marker.name}));
    return {};
  });
}

Result<std::vector<Marker>> Catalogue::markers(const std::string& id, const std::string& set) {
  const std::lock_guard lock(mutex_);
  std::vector<Marker> markers;
  TRY(
      run("SELECT at_ps, name FROM markers WHERE profile = ? AND name_of_set = ?"
          " ORDER BY position",
          {id, set}, [&](sqlite3_stmt* row) {
            markers.push_back({sqlite3_column_int64(row, 0), text_at(row, 1)});
          }));
  return markers;
}

Result<std::vector<std::string>> Catalogue::marker_sets(const std::string& id) {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> sets;
  TRY(run("SELECT DISTINCT name_of_set FROM markers WHERE profile = ? ORDER BY name_of_set", {id},
          [&](sqlite3_stmt* row) { sets.push_back(text_at(row, 0)); }));
  return sets;
}

Result<> Catalogue::set_tags(const std::string& id, const std::vector<std::string>& tags) {
  const std::lock_guard lock(mutex_);
  return run("UPDATE profiles SET tags = ? WHERE id = ?", {lines_of(tags), id});
}

Result<> Catalogue::remove(const std::string& id) {
  const std::lock_guard lock(mutex_);
  return in_transaction([&]() -> Result<> {
    TRY(run("DELETE FROM profiles WHERE id = ?", {id}));
    TRY(run("DELETE FROM markers WHERE profile = ?", {id}));
    TRY(run("DELETE FROM members WHERE profile = ?", {id}));
    return run("DELETE FROM groups WHERE id NOT IN (SELECT group_id FROM members)", {});
  });
}

Result<> Catalogue::enter_group(const ProfileGroup& group) {
  const std::lock_guard lock(mutex_);
  return in_transaction([&]() -> Result<> {
    TRY(run("INSERT OR REPLACE INTO groups VALUES(?,?,?)",
            {group.id, group.display_name, group.created_s}));
    TRY(run("DELETE FROM members WHERE group_id = ?", {group.id}));
    std::int64_t position = 0;
    for (const auto& [profile, name] : group.members)
      TRY(run("INSERT INTO members VALUES(?,?,?,?)", {group.id, position++, profile, name}));
    return {};
  });
}

Result<std::vector<ProfileGroup>> Catalogue::groups() {
  const std::lock_guard lock(mutex_);
  std::vector<ProfileGroup> groups;
  TRY(
      run("SELECT id, display_name, created_s, profile, name FROM groups JOIN members"
          " ON id = group_id ORDER BY created_s DESC, id, position",
          {}, [&](sqlite3_stmt* row) {
            const std::string id = text_at(row, 0);
            if (groups.empty() || groups.back().id != id)
              groups.push_back({id, text_at(row, 1), sqlite3_column_int64(row, 2), {}});
            groups.back().members.emplace_back(text_at(row, 3), text_at(row, 4));
          }));
  return groups;
}

}  // namespace neuron::view

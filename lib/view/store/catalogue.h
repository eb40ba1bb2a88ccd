// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <functional>
#include <mutex>
#include <optional>
#include <variant>

#include "view/store.h"

struct sqlite3;
struct sqlite3_stmt;

namespace neuron::view {

/// The catalogue of a store: which profiles there are, where their segments lie, their markers.
/// The only user of SQLite.
class Catalogue {
 public:
  static Result<std::shared_ptr<Catalogue>> open(const fs::path& directory);
  ~Catalogue();
  Catalogue(const Catalogue&) = delete;
  Catalogue& operator=(const Catalogue&) = delete;

  const fs::path& directory() const { return directory_; }
  /// File name of the segment of `id`, "" while that is being written, or nothing.
  Result<std::optional<std::string>> segment_of(const std::string& id);
  /// Adds or replaces a profile; without a segment, as one that is being written.
  Result<> enter(const ProfileEntry& entry, const std::string& segment);
  Result<std::vector<ProfileEntry>> list();
  Result<> set_tags(const std::string& id, const std::vector<std::string>& tags);
  /// Forgets a profile, its markers and its place in groups.
  Result<> remove(const std::string& id);
  Result<> enter_group(const ProfileGroup& group);
  Result<std::vector<ProfileGroup>> groups();  ///< newest first
  Result<> save_markers(const std::string& id, const std::string& set,
                        const std::vector<Marker>& markers);
  Result<std::vector<Marker>> markers(const std::string& id, const std::string& set);
  Result<std::vector<std::string>> marker_sets(const std::string& id);

 private:
  using Value = std::variant<std::int64_t, std::string>;
  using Visit = std::function<void(sqlite3_stmt*)>;
  explicit Catalogue(fs::path directory) : directory_(std::move(directory)) {}
  Result<> prepare_tables();
  /// Runs one statement with its values and visits each row of its answer.
  Result<> run(const char* sql, const std::vector<Value>& values, const Visit& visit = {});
  /// Runs `work` whole or not at all.
  Result<> in_transaction(const std::function<Result<>()>& work);
  Error error(const char* act) const;

  fs::path directory_;
  sqlite3* database_ = nullptr;
  std::mutex mutex_;
};

}  // namespace neuron::view

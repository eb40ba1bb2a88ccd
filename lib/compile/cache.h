// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/file.h"
#include "compile/graph.h"

/// Packages that were compiled before, by the content that made them: a folder of files, of which
/// the least lately used ones go when it grows too large. Several processes may share it.
///   Cache cache(folder, limit);
///   if (auto hit = cache.find(key)) return *hit;
///   cache.keep(key, entry);
namespace neuron::compile {

/// What a compile gives, in bytes.
struct CacheEntry {
  std::string name;  ///< of the model, for who lists the cache
  std::vector<std::string> warnings;
  Bytes neff;
};
struct CacheRow {
  std::string key, name;
  std::uint64_t bytes = 0;
  std::chrono::nanoseconds used_at{};  ///< since 1970; entries used in one second have an order
};

class Cache {
 public:
  /// `limit` bytes are kept at most; 0 keeps nothing.
  Cache(fs::path folder, std::uint64_t limit) : folder_(std::move(folder)), limit_(limit) {}
  /// From the environment: NEURON_COMPILE_CACHE_URL (a folder, plain or file://; "off" for none),
  /// else XDG_CACHE_HOME/neuron/compile, else ~/.cache/neuron/compile; NEURON_COMPILE_CACHE_SIZE
  /// (such as 500M; 4G when not given). Nothing when it is off. Errors: BadUsage.
  static Result<std::optional<Cache>> from_environment();

  const fs::path& folder() const { return folder_; }
  std::uint64_t limit() const { return limit_; }
  /// A damaged entry is none, and is removed.
  std::optional<CacheEntry> find(const std::string& key) const;
  Result<> keep(const std::string& key, const CacheEntry& entry) const;
  /// The lately used ones first.
  std::vector<CacheRow> rows() const;
  /// Removes entries, the least lately used ones first, until at most `bytes` are left; how many.
  std::size_t trim(std::uint64_t bytes) const;

 private:
  fs::path folder_;
  std::uint64_t limit_;
};

/// "4G", "500M", "64K" or bytes. Errors: BadUsage.
Result<std::uint64_t> bytes_of_size(const std::string& text);

/// A digest of everything in a graph that code depends on, and of `options`, a text of the rest;
/// the program that asks is part of it.
std::string key_of(const Graph& graph, const std::string& options);

}  // namespace neuron::compile

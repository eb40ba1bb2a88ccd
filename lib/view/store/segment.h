// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <list>
#include <map>
#include <memory>
#include <mutex>

#include "base/file.h"
#include "base/json.h"
#include "base/spool.h"
#include "view/store/columns.h"

/// The file of one profile: compressed blocks, a directory of them, a JSON description, a footer.
/// A table is a run of blocks; all its meaning stands in the description.
namespace neuron::view {

inline constexpr std::uint32_t kSegmentVersion = 2;

/// Where one block lies and what part of its table's order (time or text id) it holds.
struct Chunk {
  std::int64_t first = 0, last = 0;  ///< least begin, greatest end
  std::uint64_t rows = 0, offset = 0, size = 0, raw_size = 0;
};

/// Some tables of a segment, numbered from 0. Each part is written by one thread; its blocks wait
/// in files without names in `directory` until the segment takes them in, so that the bytes of a
/// segment do not tell which thread was faster.
class SegmentPart {
 public:
  explicit SegmentPart(const fs::path& directory) : blocks_(directory) {}
  std::uint32_t add_table() { return tables_++; }
  /// Packs `buffer` as the next block of `table` and clears it; nothing when it is empty.
  Result<> add_chunk(std::uint32_t table, std::int64_t first, std::int64_t last,
                     ColumnBuffer& buffer);
  /// Returns the table of the texts.
  Result<std::uint32_t> add_texts(const std::vector<std::string>& texts);

 private:
  friend class SegmentWriter;
  Result<> append(ByteView raw, std::uint32_t table, Chunk chunk);
  SpoolBytes blocks_;
  Bytes packed_, frame_;                                 ///< of the last block: memory for the next
  std::vector<std::pair<std::uint32_t, Chunk>> chunks_;  ///< with their tables, as they came
  std::uint32_t tables_ = 0;
  std::uint64_t at_ = 0;
};

/// Writes a segment aside; nothing is seen under its path before finish().
class SegmentWriter {
 public:
  static Result<SegmentWriter> create(const fs::path& path);
  /// Takes a part in; returns the number that its table 0 has from now on.
  Result<std::uint32_t> add(SegmentPart part);
  Result<> finish(const Json& description);
  std::uint64_t bytes() const { return at_; }

 private:
  explicit SegmentWriter(AtomicFile file) : file_(std::move(file)), directory_(7) {}
  /// Compresses and writes what the footer names.
  Result<Chunk> append(ByteView raw);
  AtomicFile file_;
  ColumnBuffer directory_;
  std::uint32_t tables_ = 0;
  std::uint64_t at_ = 0;
};

/// Reads a segment. Blocks are checked when they are first touched and kept while there is room.
class Segment {
 public:
  static Result<std::shared_ptr<Segment>> open(const fs::path& path);
  ~Segment();
  Segment(const Segment&) = delete;
  Segment& operator=(const Segment&) = delete;

  const Json& description() const { return description_; }
  /// The table that `json`, a part of the description, names under `key`.
  Result<std::size_t> table_in(const Json& json, std::string_view key) const;
  std::size_t table_count() const { return tables_.size(); }
  const std::vector<Chunk>& table(std::size_t id) const { return tables_[id]; }
  /// The block, with at least `columns` columns.
  Result<std::shared_ptr<const Columns>> read(const Chunk& chunk, std::size_t columns) const;
  /// Text `id` of a table of texts; empty when there is none.
  Result<std::string> text(std::size_t table, std::uint32_t id) const;
  /// Ids of all texts that `wanted` accepts.
  template <class Wanted>
  Result<std::vector<bool>> select_texts(std::size_t table, Wanted wanted) const {
    std::vector<bool> selected;
    for (const Chunk& chunk : tables_[table]) {
      auto texts = TRY(read_texts(chunk));
      for (const std::string& text : *texts) selected.push_back(wanted(text));
    }
    return selected;
  }

 private:
  using Texts = std::vector<std::string>;
  Segment(fs::path path, int fd) : path_(std::move(path)), fd_(fd) {}
  Result<> load();
  Result<Bytes> read_frame(std::uint64_t offset, std::uint64_t size, std::uint64_t raw) const;
  Result<std::shared_ptr<const Texts>> read_texts(const Chunk& chunk) const;

  fs::path path_;
  int fd_ = -1;
  std::uint64_t file_size_ = 0;
  Json description_;
  std::vector<std::vector<Chunk>> tables_;

  struct Kept {
    std::shared_ptr<const Columns> columns;
    std::shared_ptr<const Texts> texts;
    std::uint64_t bytes = 0;
    std::list<std::uint64_t>::iterator age;
  };
  Kept* find_kept(std::uint64_t offset) const;
  void keep(std::uint64_t offset, Kept kept) const;
  mutable std::mutex mutex_;
  mutable std::map<std::uint64_t, Kept> kept_;  ///< by offset in the file
  mutable std::list<std::uint64_t> ages_;       ///< newest first
  mutable std::uint64_t kept_bytes_ = 0;
};

}  // namespace neuron::view

// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <limits>

#include "base/bytes.h"
#include "base/result.h"

/// Blocks of integer columns: each column is its least value and, for every row, the distance to
/// it in as few bytes as the block needs, byte planes apart. Random access without decoding; zstd
/// finds the repetition.
namespace neuron::view {

inline constexpr std::size_t kChunkRows = 16384;
/// Of spans, of which there are many tables that are all written at once and read in small parts.
inline constexpr std::size_t kSpanRows = 4096;

/// Rows that wait to be packed, one vector a column.
struct ColumnBuffer {
  explicit ColumnBuffer(std::size_t count) : columns(count) {}
  std::vector<std::vector<std::int64_t>> columns;
  std::size_t rows() const { return columns.empty() ? 0 : columns[0].size(); }
  void clear() {
    for (auto& column : columns) column.clear();
  }
};
/// Replaces what `out` holds; memory that it has is used again.
void pack(const ColumnBuffer& buffer, Bytes& out);

/// A packed block, checked once by parse().
class Columns {
 public:
  static Result<Columns> parse(Bytes raw);
  std::size_t rows() const { return rows_; }
  std::size_t count() const { return columns_.size(); }
  std::int64_t at(std::size_t column, std::size_t row) const {
    const Column& c = columns_[column];
    std::uint64_t distance = 0;
    for (std::size_t plane = 0; plane < c.planes; ++plane)
      distance |= std::uint64_t{std::to_integer<std::uint8_t>(raw_[c.at + plane * rows_ + row])}
                  << (8 * plane);
    return static_cast<std::int64_t>(static_cast<std::uint64_t>(c.least) + distance);
  }

 private:
  struct Column {
    std::int64_t least = 0;
    std::size_t planes = 0, at = 0;
  };
  Bytes raw_;
  std::size_t rows_ = 0;
  std::vector<Column> columns_;
};

/// One zstd frame with a checksum of its content, in `scratch`, which only grows.
Result<ByteView> compress(ByteView raw, Bytes& scratch);
/// Fails unless exactly `raw_size` bytes come out.
Result<Bytes> decompress(ByteView frame, std::size_t raw_size);

}  // namespace neuron::view

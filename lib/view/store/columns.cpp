// SPDX-License-Identifier: Apache-2.0
#include "view/store/columns.h"

#include <zstd.h>

#include <algorithm>
#include <memory>

namespace neuron::view {
namespace {

constexpr int kZstdLevel = 1;  // the planes hold the redundancy apart already

std::size_t planes_for(std::uint64_t range) {
  return (static_cast<std::size_t>(std::bit_width(range)) + 7) / 8;
}

/// Appends a column, `least` and then byte planes, at the end of `out`.
void pack_column(Bytes& out, const std::vector<std::int64_t>& values) {
  const auto [low, high] = std::minmax_element(values.begin(), values.end());
  const auto least = static_cast<std::uint64_t>(*low);
  const std::size_t planes = planes_for(static_cast<std::uint64_t>(*high) - least);
  const std::size_t count = values.size(), at = out.size();
  out.resize(at + sizeof least + 1 + planes * count);
  store(out, at, *low);
  store(out, at + sizeof least, static_cast<std::uint8_t>(planes));
  // No other pointer leads there: bytes may alias anything, and a loop that fears it is not
  // vectorised.
  const std::int64_t* const from = values.data();
  auto* __restrict to = reinterpret_cast<std::uint8_t*>(out.data() + at + sizeof least + 1);
  for (std::size_t p = 0; p < planes; ++p, to += count)
    for (std::size_t i = 0; i < count; ++i)
      to[i] = static_cast<std::uint8_t>((static_cast<std::uint64_t>(from[i]) - least) >> (8 * p));
}

}  // namespace

void pack(const ColumnBuffer& buffer, Bytes& out) {
  out.resize(2 * sizeof(std::uint32_t));
  store(out, 0, static_cast<std::uint32_t>(buffer.rows()));
  store(out, sizeof(std::uint32_t), static_cast<std::uint32_t>(buffer.columns.size()));
  if (buffer.rows() == 0) return;
  for (const auto& column : buffer.columns) pack_column(out, column);
}

Result<Columns> Columns::parse(Bytes raw) {
  Columns block;
  Reader in(raw);
  block.rows_ = in.take<std::uint32_t>();
  const auto count = in.take<std::uint32_t>();
  if (count > 256) return fail(Code::Malformed, "block of {} columns, at most 256", count);
  for (std::uint32_t i = 0; i < count && block.rows_ > 0; ++i) {
    Column column;
    column.least = in.take<std::int64_t>();
    column.planes = in.take<std::uint8_t>();
    column.at = in.offset();
    if (column.planes > 8) return fail(Code::Malformed, "column of {} planes", column.planes);
    in.take(column.planes * block.rows_);
    block.columns_.push_back(column);
  }
  if (!in.ok() || in.left() > 0) return fail(Code::Malformed, "block of {} bytes", raw.size());
  block.raw_ = std::move(raw);
  return block;
}

Result<ByteView> compress(ByteView raw, Bytes& scratch) {
  // One context for each thread: making one costs more than compressing a small block.
  thread_local std::unique_ptr<ZSTD_CCtx, decltype(&ZSTD_freeCCtx)> context(ZSTD_createCCtx(),
                                                                            ZSTD_freeCCtx);
  if (!context) return fail(Code::NoResource, "no memory to compress {} bytes", raw.size());
  ZSTD_CCtx_setParameter(context.get(), ZSTD_c_compressionLevel, kZstdLevel);
  ZSTD_CCtx_setParameter(context.get(), ZSTD_c_checksumFlag, 1);
  scratch.resize(std::max(scratch.size(), ZSTD_compressBound(raw.size())));
  const auto size =
      ZSTD_compress2(context.get(), scratch.data(), scratch.size(), raw.data(), raw.size());
  if (ZSTD_isError(size)) return fail(Code::Internal, "zstd: {}", ZSTD_getErrorName(size));
  return ByteView(scratch).first(size);
}

Result<Bytes> decompress(ByteView frame, std::size_t raw_size) {
  // The frame's own word on its size comes first, so that a lie costs no memory.
  if (ZSTD_getFrameContentSize(frame.data(), frame.size()) != raw_size)
    return fail(Code::Malformed, "zstd frame does not hold {} bytes", raw_size);
  Bytes raw(raw_size);
  const auto size = ZSTD_decompress(raw.data(), raw.size(), frame.data(), frame.size());
  if (ZSTD_isError(size)) return fail(Code::Malformed, "zstd: {}", ZSTD_getErrorName(size));
  if (size != raw_size)
    return fail(Code::Malformed, "zstd frame of {} bytes, expected {}", size, raw_size);
  return raw;
}

}  // namespace neuron::view

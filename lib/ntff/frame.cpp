// SPDX-License-Identifier: Apache-2.0
#include "ntff/frame.h"

#include <zstd.h>

#include <algorithm>
#include <memory>

namespace neuron::ntff {
namespace {

constexpr std::uint32_t kMagic = 0xfd2fb528;
constexpr int kLevel = 3;
// Records shrink to about a tenth. What expands far beyond that is an attack on memory.
constexpr std::size_t kMaxRatio = 512;
constexpr std::size_t kAlwaysAllowed = std::size_t{64} << 20;

}  // namespace

bool is_framed(ByteView bytes) {
  return bytes.size() >= 4 && load<std::uint32_t>(bytes, 0) == kMagic;
}

Result<Unframed> unframe(ByteView framed) {
  Unframed plain;
  plain.complete = TRY(unframe(framed, [&](ByteView piece) -> Result<> {
    plain.bytes.insert(plain.bytes.end(), piece.begin(), piece.end());
    return {};
  }));
  return plain;
}

Result<bool> unframe(ByteView framed, const std::function<Result<>(ByteView)>& take) {
  const std::unique_ptr<ZSTD_DCtx, decltype(&ZSTD_freeDCtx)> context(ZSTD_createDCtx(),
                                                                     ZSTD_freeDCtx);
  if (!context) return fail(Code::NoResource, "zstd: no memory for a decoder");
  const std::size_t limit = std::max(
      kAlwaysAllowed, framed.size() < SIZE_MAX / kMaxRatio ? framed.size() * kMaxRatio : SIZE_MAX);
  std::size_t size = 0;
  Bytes piece(ZSTD_DStreamOutSize());
  ZSTD_inBuffer in{framed.data(), framed.size(), 0};
  std::size_t hint = 1;
  while (true) {
    ZSTD_outBuffer out{piece.data(), piece.size(), 0};
    hint = ZSTD_decompressStream(context.get(), &out, &in);
    if (ZSTD_isError(hint))
      return fail(Code::Malformed, "zstd frame: {} near byte {}", ZSTD_getErrorName(hint), in.pos);
    TRY(take(ByteView(piece).first(out.pos)));
    size += out.pos;
    if (size > limit)
      return fail(Code::Malformed, "zstd frame of {} bytes expands beyond {} bytes", framed.size(),
                  limit);
    if (in.pos == in.size && out.pos < out.size) break;
  }
  if (size == 0)
    return fail(Code::Malformed, "the zstd frame is cut short before its first block of data");
  return hint == 0;
}

Bytes frame(ByteView plain) {
  Bytes framed(ZSTD_compressBound(plain.size()));
  const std::size_t size =
      ZSTD_compress(framed.data(), framed.size(), plain.data(), plain.size(), kLevel);
  framed.resize(ZSTD_isError(size) ? 0 : size);  // only out of memory can fail here
  return framed;
}

}  // namespace neuron::ntff

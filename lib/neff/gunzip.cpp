// SPDX-License-Identifier: Apache-2.0
#include "neff/gunzip.h"

#include <algorithm>
#include <limits>

namespace neuron::neff {
namespace {
constexpr int kGzipWindow = 15 + 16;  // 32 KiB window, gzip framing: the meaning is zlib's
constexpr std::size_t kPiece = std::size_t{1} << 18;
}  // namespace

Gunzip::Gunzip(ByteView packed, std::uint64_t limit)
    : packed_(packed), limit_(limit), piece_(kPiece) {
  done_ = inflateInit2(&stream_, kGzipWindow) != Z_OK;
}

Gunzip::~Gunzip() { inflateEnd(&stream_); }

Result<ByteView> Gunzip::next() {
  while (!done_) {
    const auto room = std::min<std::size_t>(packed_.size(), std::numeric_limits<uInt>::max());
    // zlib reads through a pointer that is not const, but does not write.
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(packed_.data()));
    stream_.avail_in = static_cast<uInt>(room);
    stream_.next_out = reinterpret_cast<Bytef*>(piece_.data());
    stream_.avail_out = static_cast<uInt>(piece_.size());
    const int status = inflate(&stream_, Z_NO_FLUSH);
    const auto at = stream_.total_in;
    packed_ = packed_.subspan(room - stream_.avail_in);
    const std::size_t made = piece_.size() - stream_.avail_out;
    if (status == Z_STREAM_END) {
      TRY(end_of_member());
    } else if (status == Z_BUF_ERROR || (status == Z_OK && made == 0 && packed_.empty())) {
      return fail(Code::Malformed, "the gzip stream ends early, after {} bytes", at);
    } else if (status != Z_OK) {
      return fail(Code::Malformed, "the gzip stream is damaged at byte {}: {}", at,
                  stream_.msg ? stream_.msg : "out of memory");
    }
    out_ += made;
    if (out_ > limit_)
      return fail(Code::Malformed,
                  "the gzip stream expands beyond {} bytes, the limit for its size", limit_);
    if (made > 0) return ByteView(piece_).first(made);
  }
  return ByteView{};
}

Result<> Gunzip::end_of_member() {
  if (packed_.size() >= 2 && packed_[0] == std::byte{0x1f} && packed_[1] == std::byte{0x8b}) {
    inflateReset(&stream_);
    return {};
  }
  done_ = true;
  const auto odd =
      std::find_if(packed_.begin(), packed_.end(), [](std::byte b) { return b != std::byte{0}; });
  if (odd == packed_.end()) return {};
  return fail(Code::Malformed, "byte {} after the gzip stream is 0x{:02x}, expected zero padding",
              odd - packed_.begin(), static_cast<unsigned>(*odd));
}

}  // namespace neuron::neff

// SPDX-License-Identifier: Apache-2.0
#include "neff/gunzip.h"

#include <isa-l/igzip_lib.h>

#include <algorithm>

#include "base/pages.h"

namespace neuron::neff {
namespace {

constexpr std::size_t kMostPending = 8;
constexpr std::size_t kReleaseStep = std::size_t{4} << 20;
constexpr std::size_t kSlack = 64;  // so that a full chunk is no full buffer
constexpr std::size_t kIndexedHeader = 20, kTrailer = 8;

bool is_gzip(ByteView bytes) {
  return bytes.size() >= 2 && bytes[0] == std::byte{0x1f} && bytes[1] == std::byte{0x8b};
}

/// Size of the member at the front when its header holds our field and nothing else unexpected;
/// 0 otherwise. The size lies inside `bytes`.
std::size_t indexed_size(ByteView bytes) {
  Reader in(bytes);
  const auto magic = in.take<std::uint32_t>();  // 1f 8b, deflate, FEXTRA alone
  in.take(6);
  const auto extra = in.take<std::uint16_t>();
  const auto name = in.take(2);
  const auto length = in.take<std::uint16_t>();
  const std::size_t size = in.take<std::uint32_t>();
  if (!in.ok() || magic != 0x04088b1f || extra < 8 || length != 4) return 0;
  if (text_of(name) != std::string_view(kIndexField, 2)) return 0;
  return size >= kIndexedHeader + kTrailer && size <= bytes.size() ? size : 0;
}

const char* reason_of(int status) {
  switch (status) {
    case ISAL_INVALID_BLOCK:
      return "a block is of no known kind";
    case ISAL_INVALID_SYMBOL:
      return "a code stands for nothing";
    case ISAL_INVALID_LOOKBACK:
      return "a distance leads before the beginning";
    case ISAL_INVALID_WRAPPER:
      return "its header is none of gzip";
    case ISAL_UNSUPPORTED_METHOD:
      return "its compression method is unknown";
    case ISAL_INCORRECT_CHECKSUM:
      return "its checksum does not match";
    default:
      return "it cannot be inflated";
  }
}

std::unique_ptr<inflate_state> new_stream() {
  auto stream = std::make_unique<inflate_state>();
  isal_inflate_init(stream.get());
  stream->crc_flag = ISAL_GZIP;
  return stream;
}

/// Inflates a whole member that lies at byte `at` of its payload; how many bytes came out.
Result<std::size_t> inflate_member(ByteView member, std::size_t at, std::span<std::byte> out) {
  thread_local const auto stream = new_stream();
  isal_inflate_reset(stream.get());
  stream->crc_flag = ISAL_GZIP;
  stream->next_in = reinterpret_cast<std::uint8_t*>(const_cast<std::byte*>(member.data()));
  stream->avail_in = static_cast<std::uint32_t>(member.size());
  stream->next_out = reinterpret_cast<std::uint8_t*>(out.data());
  stream->avail_out = static_cast<std::uint32_t>(out.size());
  const int status = isal_inflate(stream.get());
  if (status < 0)
    return fail(Code::Malformed, "the gzip stream is damaged in the member at byte {}: {}", at,
                reason_of(status));
  if (stream->block_state != ISAL_BLOCK_FINISH || stream->avail_in != 0)
    return fail(Code::Malformed,
                "the gzip member at byte {} does not end where its index says, after {} bytes", at,
                member.size());
  return stream->total_out;
}

Error too_large(std::uint64_t limit) {
  return fail(Code::Malformed, "the gzip stream expands beyond {} bytes, the limit for its size",
              limit);
}

/// Answers whether no member follows in the rest of a payload; what follows then must be zeros.
Result<bool> is_end(ByteView rest) {
  if (is_gzip(rest)) return false;
  const auto odd =
      std::find_if(rest.begin(), rest.end(), [](std::byte b) { return b != std::byte{0}; });
  if (odd == rest.end()) return true;
  return fail(Code::Malformed, "byte {} after the gzip stream is 0x{:02x}, expected zero padding",
              odd - rest.begin(), static_cast<unsigned>(*odd));
}

}  // namespace

Gunzip::Gunzip(ByteView packed, std::uint64_t limit, const MappedFile* file)
    : packed_(packed),
      left_(packed),
      limit_(limit),
      file_(file),
      workers_(Workers::for_bytes(packed.size())) {}

Gunzip::~Gunzip() = default;

Result<ByteView> Gunzip::next() {
  while (true) {
    if (!current_.buffer.empty()) spare_.push_back(std::exchange(current_.buffer, {}));
    start_jobs();
    if (pending_.empty()) return ByteView{};
    auto ready = std::move(pending_.front());
    pending_.pop_front();
    current_ = TRY(ready.get());
    if (current_.is_last) done_ = true;
    // The next one goes on while the caller looks at this one.
    start_jobs();
    out_ += current_.size;
    if (out_ > limit_) return too_large(limit_);
    if (current_.size > 0) return ByteView(current_.buffer).first(current_.size);
  }
}

void Gunzip::start_jobs() {
  while (!done_ && !is_serial_ && pending_.size() < kMostPending)
    if (!start_member()) break;
  if (done_ || !is_serial_ || !pending_.empty()) return;
  if (file_ && packed_.size() - left_.size() - released_ > kReleaseStep) {
    file_->release(packed_.subspan(released_, packed_.size() - left_.size() - released_));
    released_ = packed_.size() - left_.size();
  }
  pending_.push_back(
      workers_.run([this, space = buffer()]() mutable { return inflate_on(std::move(space)); }));
}

/// Starts a job for the member at the front of what is left; false when it has not our field.
bool Gunzip::start_member() {
  const std::size_t size = indexed_size(left_);
  if (size == 0 || load<std::uint32_t>(left_, size - 4) > kChunk) {
    is_serial_ = true;
    return false;
  }
  const ByteView member = left_.first(size);
  left_ = left_.subspan(size);
  pending_.push_back(workers_.run([this, member, space = buffer()]() mutable {
    return take_member(member, std::move(space));
  }));
  return true;
}

Result<Gunzip::Piece> Gunzip::take_member(ByteView member, Bytes buffer) const {
  const auto at = static_cast<std::size_t>(member.data() - packed_.data());
  const std::size_t size = TRY(inflate_member(member, at, buffer));
  if (file_) file_->release(member);
  return Piece{std::move(buffer), size, false};
}

/// Up to one buffer more of the stream at hand.
Result<Gunzip::Piece> Gunzip::inflate_on(Bytes buffer) {
  Piece piece{std::move(buffer), 0, false};
  if (!stream_) {
    stream_ = new_stream();
    if (left_.size() < packed_.size()) piece.is_last = TRY(is_end(left_));
  }
  while (piece.size == 0 && !piece.is_last) {
    const auto room = std::min<std::size_t>(left_.size(), std::size_t{1} << 30);
    stream_->next_in = reinterpret_cast<std::uint8_t*>(const_cast<std::byte*>(left_.data()));
    stream_->avail_in = static_cast<std::uint32_t>(room);
    stream_->next_out = reinterpret_cast<std::uint8_t*>(piece.buffer.data());
    stream_->avail_out = static_cast<std::uint32_t>(piece.buffer.size());
    const int status = isal_inflate(stream_.get());
    // In a damaged header ISA-L gives back more than it was given.
    left_ = left_.subspan(room - std::min<std::size_t>(stream_->avail_in, room));
    piece.size = piece.buffer.size() - stream_->avail_out;
    const auto at = packed_.size() - left_.size();
    if (status < 0)
      return fail(Code::Malformed, "the gzip stream is damaged at byte {}: {}", at,
                  reason_of(status));
    if (stream_->block_state == ISAL_BLOCK_FINISH) {
      piece.is_last = TRY(is_end(left_));
      isal_inflate_reset(stream_.get());
    } else if (piece.size == 0 && left_.empty()) {
      return fail(Code::Malformed, "the gzip stream ends early, after {} bytes", at);
    }
  }
  return piece;
}

Bytes Gunzip::buffer() {
  if (spare_.empty()) return Bytes(kChunk + kSlack);
  Bytes last = std::move(spare_.back());
  spare_.pop_back();
  return last;
}

namespace {

/// A gzip member with our field, and where its bytes go.
struct Part {
  ByteView packed;
  std::size_t begin = 0, size = 0;
};

/// All members of a payload, when each has our field; else none.
std::vector<Part> indexed_parts(ByteView packed) {
  std::vector<Part> parts;
  std::size_t begin = 0;
  while (const std::size_t size = indexed_size(packed)) {
    const std::size_t raw = load<std::uint32_t>(packed, size - 4);
    if (raw > kChunk) return {};
    parts.push_back({packed.first(size), begin, raw});
    begin += raw;
    packed = packed.subspan(size);
  }
  return is_gzip(packed) ? std::vector<Part>() : parts;
}

Result<> inflate_part(const Part& part, std::size_t at, std::span<std::byte> all) {
  const auto to = all.subspan(part.begin, part.size);
  const std::size_t size = TRY(inflate_member(part.packed, at, to));
  if (size == part.size) return {};
  return fail(Code::Malformed, "the gzip member at byte {} holds {} bytes, its end says {}", at,
              size, part.size);
}

Result<Pages> inflate_parts(ByteView packed, std::span<const Part> parts) {
  auto pages = TRY(Pages::map(parts.back().begin + parts.back().size));
  Workers workers(Workers::for_bytes(pages.bytes().size()));
  std::vector<std::future<Result<>>> jobs;
  for (const Part& part : parts)
    jobs.push_back(workers.run([&] {
      const auto at = static_cast<std::size_t>(part.packed.data() - packed.data());
      return inflate_part(part, at, pages.bytes());
    }));
  Result<> all;
  for (auto& job : jobs)
    if (auto done = job.get(); !done && all) all = std::move(done);
  TRY(std::move(all));
  return pages;
}

/// Of unknown size: the memory grows with what comes.
Result<Pages> inflate_stream(ByteView packed, std::uint64_t limit) {
  Gunzip stream(packed, limit);
  auto pages = TRY(Pages::map(std::max<std::size_t>(2 * packed.size(), kChunk)));
  std::size_t size = 0;
  while (true) {
    const auto piece = TRY(stream.next());
    if (piece.empty()) break;
    if (piece.size() > pages.bytes().size() - size)
      TRY(pages.resize(2 * pages.bytes().size() + piece.size()));
    std::copy(piece.begin(), piece.end(),
              pages.bytes().begin() + static_cast<std::ptrdiff_t>(size));
    size += piece.size();
  }
  TRY(pages.resize(size));
  return pages;
}

Result<Pages> inflate_all(ByteView packed, std::uint64_t limit) {
  const auto parts = indexed_parts(packed);
  if (parts.empty()) return inflate_stream(packed, limit);
  const Part& last = parts.back();
  if (last.begin + last.size > limit) return too_large(limit);
  const auto end = last.packed.data() + last.packed.size() - packed.data();
  TRY(is_end(packed.subspan(static_cast<std::size_t>(end))));
  return inflate_parts(packed, parts);
}

}  // namespace

Result<SharedBytes> gunzip_whole(ByteView packed, std::uint64_t limit) {
  auto pages = TRY(inflate_all(packed, limit));
  const auto keeper = std::make_shared<const Pages>(std::move(pages));
  return SharedBytes::kept(keeper->bytes(), keeper);
}

}  // namespace neuron::neff

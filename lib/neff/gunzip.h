// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <deque>
#include <memory>

#include "base/shared_bytes.h"
#include "base/workers.h"

struct inflate_state;

namespace neuron::neff {

/// Field of a gzip header's FEXTRA (RFC 1952, 2.3.1.1) in the packages that we write: "NE", then
/// the bytes of the whole gzip member as 32 bits. With it a reader finds the next member without
/// inflating this one, and inflates several at once.
inline constexpr char kIndexField[2] = {'N', 'E'};
/// Most bytes that a member with that field holds: so many that what each costs (a header, a
/// trailer, a block that ends early, no repetitions of what came before) is less than what coding
/// wins.
inline constexpr std::size_t kChunk = std::size_t{2} << 20;

/// The gzip members at the front of a payload, inflated piece by piece while the caller works on
/// the piece before. The promise: what follows the last member is zeros (real packages are padded
/// to 10240 bytes), checksums are checked, and no more than `limit` bytes ever come out.
class Gunzip {
 public:
  /// `file`, when given, is where `packed` lies; its pages are let go behind the reader.
  Gunzip(ByteView packed, std::uint64_t limit, const MappedFile* file = nullptr);
  ~Gunzip();
  Gunzip(const Gunzip&) = delete;
  Gunzip& operator=(const Gunzip&) = delete;

  /// The next piece; empty at the end. Valid until the next call.
  Result<ByteView> next();

 private:
  struct Piece {
    Bytes buffer;
    std::size_t size = 0;  ///< bytes of it that count
    bool is_last = false;
  };

  void start_jobs();
  bool start_member();
  Result<Piece> take_member(ByteView member, Bytes buffer) const;
  Result<Piece> inflate_on(Bytes buffer);
  Bytes buffer();

  ByteView packed_, left_;  ///< all, and what no job has taken yet
  std::uint64_t limit_, out_ = 0;
  const MappedFile* file_;
  std::size_t released_ = 0;
  std::unique_ptr<inflate_state> stream_;  ///< of members without our field: one job at a time
  bool is_serial_ = false, done_ = false;
  std::vector<Bytes> spare_;
  Piece current_;
  std::deque<std::future<Result<Piece>>> pending_;
  Workers workers_;  // last: its jobs use what stands above
};

/// All that the gzip members of a payload inflate to, in memory: in place and by several threads
/// at once where they have our field. Holds what Gunzip promises.
Result<SharedBytes> gunzip_whole(ByteView packed, std::uint64_t limit);

}  // namespace neuron::neff

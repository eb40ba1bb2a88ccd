// SPDX-License-Identifier: Apache-2.0
#include "neff/deflate.h"

#include <isa-l/crc.h>
#include <isa-l/igzip_lib.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <limits>
#include <memory>

#include "neff/gunzip.h"
#include "neff/literals.h"

namespace neuron::neff {
namespace {

constexpr std::size_t kHeader = 20, kTrailer = 8, kStoredBlock = 65535;
// A reader that guards against bombs accepts a ratio of 256 (Limits); what compresses better is
// padded to stay well below.
constexpr std::size_t kBestRatio = 200;

std::size_t stored_size(std::size_t raw) {
  return raw + 5 * std::max<std::size_t>(1, (raw + kStoredBlock - 1) / kStoredBlock);
}

std::size_t store_blocks(ByteView raw, std::span<std::byte> out) {
  std::size_t at = 0;
  do {
    const auto part = raw.first(std::min(raw.size(), kStoredBlock));
    raw = raw.subspan(part.size());
    const auto size = static_cast<std::uint16_t>(part.size());
    store(out, at, static_cast<std::uint8_t>(raw.empty()));
    store(out, at + 1, size);
    store(out, at + 3, static_cast<std::uint16_t>(~size));
    std::copy(part.begin(), part.end(), out.begin() + static_cast<std::ptrdiff_t>(at + 5));
    at += 5 + part.size();
  } while (!raw.empty());
  return at;
}

/// A raw deflate stream by ISA-L; 0 when it does not fit.
std::size_t search_repetitions(ByteView raw, int level, std::span<std::byte> out) {
  static constexpr std::uint32_t kRoom[] = {0, ISAL_DEF_LVL1_EXTRA_LARGE, ISAL_DEF_LVL2_EXTRA_LARGE,
                                            ISAL_DEF_LVL3_EXTRA_LARGE};
  thread_local Bytes room;
  room.resize(std::max<std::size_t>(room.size(), kRoom[level]));
  isal_zstream stream;
  isal_deflate_stateless_init(&stream);
  stream.hist_bits = ISAL_DEF_MAX_HIST_BITS;  // the call above leaves what the stack held
  stream.level = static_cast<std::uint32_t>(level);
  stream.level_buf = reinterpret_cast<std::uint8_t*>(room.data());
  stream.level_buf_size = kRoom[level];
  stream.end_of_stream = 1;
  stream.flush = NO_FLUSH;
  stream.next_in = reinterpret_cast<std::uint8_t*>(const_cast<std::byte*>(raw.data()));
  stream.avail_in = static_cast<std::uint32_t>(raw.size());
  stream.next_out = reinterpret_cast<std::uint8_t*>(out.data());
  stream.avail_out = static_cast<std::uint32_t>(out.size());
  return isal_deflate_stateless(&stream) == COMP_OK ? stream.total_out : 0;
}

enum class Way { Store, Literals, Search };

/// What suits `raw`, judged by samples of it.
Way way_for(ByteView raw, int level, unsigned least_gain) {
  constexpr std::size_t kSlice = 4096, kSlices = 8;
  if (level == 0) return Way::Store;
  if (raw.size() < 2 * kSlice * kSlices) return Way::Search;
  thread_local Bytes sample, packed;
  sample.resize(kSlice * kSlices);
  packed.resize(2 * sample.size());
  for (std::size_t i = 0; i < kSlices; ++i) {
    const auto slice = raw.subspan(raw.size() / kSlices * i, kSlice);
    std::copy(slice.begin(), slice.end(), sample.begin() + static_cast<std::ptrdiff_t>(kSlice * i));
  }
  const double bits = literal_bits(sample);
  const std::size_t found = search_repetitions(sample, level, packed);
  const auto coded = static_cast<std::size_t>(bits / 8);
  const std::size_t best = found == 0 ? coded : std::min(coded, found);
  if (best >= sample.size() - sample.size() / least_gain) return Way::Store;
  return found == 0 || coded <= found ? Way::Literals : Way::Search;
}

}  // namespace

std::size_t most_packed(std::size_t raw) {
  return kHeader + stored_size(raw) + kTrailer + 4 + raw / kBestRatio;
}

std::size_t gzip_member(ByteView raw, int level, std::span<std::byte> out, unsigned least_gain) {
  // The body is made behind the largest header, and moved when that turns out to be smaller.
  const auto most = stored_size(raw.size());
  const auto body = out.subspan(kHeader, most);
  std::size_t size = 0;
  const Way way = way_for(raw, level, least_gain);
  if (way == Way::Literals) size = code_literals(raw, body);
  if (way == Way::Search) size = search_repetitions(raw, level, body);
  if (size == 0 || size >= most) size = store_blocks(raw, body);
  std::size_t padding = 0;
  if (const auto least = raw.size() / kBestRatio; size < least) padding = 4 + least - size;
  if (padding > 0)
    std::copy_backward(body.begin(), body.begin() + static_cast<std::ptrdiff_t>(size),
                       body.begin() + static_cast<std::ptrdiff_t>(size + padding));
  const std::size_t whole = kHeader + padding + size + kTrailer;
  store(out, 0, std::uint32_t{0x04088b1f});  // deflate, FEXTRA
  store(out, 4, std::uint32_t{0});           // no time: a package is a function of its contents
  store(out, 8, std::uint16_t{0x0304});      // fastest; Unix
  store(out, 10, static_cast<std::uint16_t>(8 + padding));
  store(out, 12, kIndexField);
  store(out, 14, std::uint16_t{4});
  store(out, 16, static_cast<std::uint32_t>(whole));
  if (padding > 0) {
    store(out, 20, std::array{'N', 'P'});
    store(out, 22, static_cast<std::uint16_t>(padding - 4));
    std::fill_n(out.begin() + 24, padding - 4, std::byte{0});
  }
  const auto* data = reinterpret_cast<const unsigned char*>(raw.data());
  store(out, whole - 8, crc32_gzip_refl(0, data, raw.size()));
  store(out, whole - 4, static_cast<std::uint32_t>(raw.size()));
  return whole;
}

}  // namespace neuron::neff

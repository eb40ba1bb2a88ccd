// SPDX-License-Identifier: Apache-2.0
#include "neff/literals.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

namespace neuron::neff {
namespace {

constexpr std::size_t kSymbols = 257, kEnd = 256;  // 256 bytes, and the end of a block
constexpr std::size_t kPiece = std::size_t{1} << 18;
constexpr std::size_t kHead = 160;  // at most, of a block
// Four codes and what is left of a byte fit into one 64-bit word.
constexpr int kLongest = 14;

using Counts = std::array<std::uint32_t, kSymbols>;
using Lengths = std::array<std::uint8_t, kSymbols>;

Counts counts_of(ByteView raw) {
  // Four tables: equal neighbours would wait for each other's sum.
  std::array<std::array<std::uint32_t, 256>, 4> part{};
  std::size_t i = 0;
  for (; i + 8 <= raw.size(); i += 8) {
    const auto word = load<std::uint64_t>(raw, i);
    ++part[0][word & 255];
    ++part[1][word >> 8 & 255];
    ++part[2][word >> 16 & 255];
    ++part[3][word >> 24 & 255];
    ++part[0][word >> 32 & 255];
    ++part[1][word >> 40 & 255];
    ++part[2][word >> 48 & 255];
    ++part[3][word >> 56 & 255];
  }
  for (; i < raw.size(); ++i) ++part[0][std::to_integer<std::size_t>(raw[i])];
  Counts counts{};
  for (std::size_t s = 0; s < 256; ++s)
    counts[s] = part[0][s] + part[1][s] + part[2][s] + part[3][s];
  counts[kEnd] = 1;
  return counts;
}

/// Depths of Huffman's tree, by two queues: leaves in order of their counts, and inner nodes, which
/// come out in order by themselves.
Lengths tree_depths(const Counts& counts) {
  std::array<std::uint16_t, kSymbols> order;
  std::iota(order.begin(), order.end(), std::uint16_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](auto a, auto b) { return counts[a] < counts[b]; });
  const auto first = static_cast<std::size_t>(
      std::find_if(order.begin(), order.end(), [&](auto s) { return counts[s] > 0; }) -
      order.begin());
  const std::size_t leaves = kSymbols - first;
  std::array<std::uint64_t, 2 * kSymbols> weight{};
  std::array<std::size_t, 2 * kSymbols> parent{};
  for (std::size_t i = 0; i < leaves; ++i) weight[i] = counts[order[first + i]];
  std::size_t leaf = 0, inner = leaves, next = leaves;
  const auto lightest = [&] {
    if (leaf < leaves && (inner == next || weight[leaf] <= weight[inner])) return leaf++;
    return inner++;
  };
  while (next < 2 * leaves - 1) {
    const std::size_t a = lightest(), b = lightest();
    weight[next] = weight[a] + weight[b];
    parent[a] = parent[b] = next++;
  }
  Lengths lengths{};
  std::array<std::uint8_t, 2 * kSymbols> depth{};
  for (std::size_t i = next - 1; i-- > 0;) {
    depth[i] = static_cast<std::uint8_t>(depth[parent[i]] + 1);
    if (i < leaves) lengths[order[first + i]] = depth[i];
  }
  if (leaves == 1) lengths[order[first]] = 1;
  return lengths;
}

/// Cuts lengths at kLongest and lengthens others until the code is possible again.
void limit(Lengths& lengths, const Counts& counts) {
  std::uint64_t used = 0;  // of 2^kLongest
  for (auto& length : lengths) {
    if (length > kLongest) length = kLongest;
    if (length > 0) used += std::uint64_t{1} << (kLongest - length);
  }
  while (used > std::uint64_t{1} << kLongest) {
    std::size_t rarest = kSymbols;
    for (std::size_t s = 0; s < kSymbols; ++s)
      if (lengths[s] > 0 && lengths[s] < kLongest &&
          (rarest == kSymbols || counts[s] < counts[rarest]))
        rarest = s;
    used -= std::uint64_t{1} << (kLongest - lengths[rarest] - 1);
    ++lengths[rarest];
  }
  // Readers refuse a code with gaps, so what was lengthened too far is given back.
  while (used < std::uint64_t{1} << kLongest) {
    std::size_t best = kSymbols;
    for (std::size_t s = 0; s < kSymbols; ++s)
      if (lengths[s] > 1 &&
          (std::uint64_t{1} << (kLongest - lengths[s])) + used <= std::uint64_t{1} << kLongest &&
          (best == kSymbols || counts[s] > counts[best]))
        best = s;
    used += std::uint64_t{1} << (kLongest - lengths[best]);
    --lengths[best];
  }
}

struct Codes {
  std::array<std::uint32_t, kSymbols> bits{};  ///< reversed, as deflate writes them
  Lengths lengths{};
};

Codes codes_of(const Counts& counts) {
  Codes codes;
  codes.lengths = tree_depths(counts);
  limit(codes.lengths, counts);
  std::uint32_t next = 0;
  for (int length = 1; length <= kLongest; ++length, next <<= 1)
    for (std::size_t s = 0; s < kSymbols; ++s) {
      if (codes.lengths[s] != length) continue;
      std::uint32_t reversed = 0;
      for (int bit = 0; bit < length; ++bit) reversed |= (next >> bit & 1) << (length - 1 - bit);
      codes.bits[s] = reversed;
      ++next;
    }
  return codes;
}

/// Bits of little-endian words; the caller sees to the room.
class BitWriter {
 public:
  BitWriter(std::span<std::byte> out, std::size_t at) : out_(out), at_(at) {}
  void put(std::uint64_t bits, unsigned count) {
    word_ |= bits << held_;
    held_ += count;
  }
  void flush() {
    store(out_, at_, word_);
    at_ += held_ / 8;
    word_ = held_ / 8 == 8 ? 0 : word_ >> held_ / 8 * 8;
    held_ %= 8;
  }
  std::size_t finish() {
    flush();
    return at_ + (held_ > 0);
  }

 private:
  std::span<std::byte> out_;
  std::size_t at_;
  std::uint64_t word_ = 0;
  unsigned held_ = 0;
};

/// The head of a block with codes of its own. Lengths are written with four bits each, and two
/// distance codes that nothing uses make a code that every reader accepts.
void put_head(BitWriter& out, const Codes& codes, bool is_last) {
  constexpr unsigned kLengthCodes = 19, kNotUsed = 3;  // repeats of lengths: 16, 17 and 18
  out.put(is_last, 1);
  out.put(2, 2);
  out.put(kSymbols - 257, 5);
  out.put(1, 5);  // two distances
  out.put(kLengthCodes - 4, 4);
  out.flush();
  for (unsigned i = 0; i < kLengthCodes; ++i) {
    out.put(i < kNotUsed ? 0 : 4, 3);
    out.flush();
  }
  const auto put_length = [&](unsigned length) {
    // The code of length L is L itself, its bits reversed.
    out.put((length & 1) << 3 | (length & 2) << 1 | (length & 4) >> 1 | (length & 8) >> 3, 4);
    out.flush();
  };
  for (const auto length : codes.lengths) put_length(length);
  put_length(1);
  put_length(1);
}

/// Of each two bytes: their codes in the low half, how many bits these have in the high one. One
/// look for two bytes.
using Pairs = std::vector<std::uint64_t>;

void fill(Pairs& pairs, const Codes& c) {
  for (std::size_t second = 0; second < 256; ++second)
    for (std::size_t first = 0; first < 256; ++first)
      pairs[second << 8 | first] =
          std::uint64_t{static_cast<std::uint32_t>(c.lengths[first] + c.lengths[second])} << 32 |
          c.bits[first] | std::uint64_t{c.bits[second]} << c.lengths[first];
}

double bits_of(const Counts& counts) {
  double total = 0, bits = 0;
  for (const auto count : counts) total += count;
  for (const auto count : counts)
    if (count > 0) bits += count * std::max(std::log2(total / count), 1.0);
  return bits;
}

/// Bytes that have one code.
struct Block {
  std::size_t size = 0;
  Counts counts{};
  double bits = 0;
  Codes codes{};
};

/// Pieces of kPiece bytes; neighbours that one code serves as well share it, which saves a head.
std::vector<Block> blocks_of(ByteView raw) {
  std::vector<Block> blocks;
  for (std::size_t at = 0; at < raw.size(); at += kPiece) {
    const auto part = raw.subspan(at, std::min(kPiece, raw.size() - at));
    Block next{part.size(), counts_of(part)};
    next.bits = bits_of(next.counts);
    if (!blocks.empty()) {
      Block& last = blocks.back();
      Block both{last.size + next.size, last.counts};
      for (std::size_t s = 0; s < kEnd; ++s) both.counts[s] += next.counts[s];
      both.bits = bits_of(both.counts);
      if (both.bits <= last.bits + next.bits + 8 * kHead) {
        last = both;
        continue;
      }
    }
    blocks.push_back(next);
  }
  for (Block& block : blocks) block.codes = codes_of(block.counts);
  return blocks;
}

void put_bytes(BitWriter& goal, const Codes& c, ByteView part) {
  thread_local Pairs pairs(std::size_t{1} << 16);
  fill(pairs, c);
  BitWriter writer = goal;  // a copy of our own, which stays in registers
  const auto put = [&](std::uint64_t two) {
    const std::uint64_t code = pairs[two & 0xffff];
    writer.put(code & 0xffffffff, static_cast<unsigned>(code >> 32));
  };
  std::size_t i = 0;
  for (; i + 8 <= part.size(); i += 8) {
    const auto eight = load<std::uint64_t>(part, i);
    put(eight);
    put(eight >> 16);
    writer.flush();
    put(eight >> 32);
    put(eight >> 48);
    writer.flush();
  }
  for (; i < part.size(); ++i) {
    const auto symbol = std::to_integer<std::size_t>(part[i]);
    writer.put(c.bits[symbol], c.lengths[symbol]);
    writer.flush();
  }
  goal = writer;
}

}  // namespace

double literal_bits(ByteView raw) { return bits_of(counts_of(raw)); }

std::size_t code_literals(ByteView raw, std::span<std::byte> out) {
  const auto blocks = blocks_of(raw);
  std::uint64_t bits = 0;
  for (const Block& block : blocks) {
    bits += 8 * kHead;
    for (std::size_t s = 0; s < kSymbols; ++s)
      bits += std::uint64_t{block.counts[s]} * block.codes.lengths[s];
  }
  constexpr std::size_t kSlack = 16;
  if (raw.empty() || bits / 8 + kSlack > out.size()) return 0;
  BitWriter writer(out, 0);
  for (const Block& block : blocks) {
    const Codes& c = block.codes;
    const auto part = raw.first(block.size);
    raw = raw.subspan(block.size);
    put_head(writer, c, raw.empty());
    put_bytes(writer, c, part);
    writer.put(c.bits[kEnd], c.lengths[kEnd]);
    writer.flush();
  }
  return writer.finish();
}

}  // namespace neuron::neff

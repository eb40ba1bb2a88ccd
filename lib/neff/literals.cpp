// SPDX-License-Identifier: Apache-2.0
#include "neff/literals.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

namespace neuron::neff {
namespace {

constexpr std::size_t kSymbols = 257, kEnd = 256;  // 256 bytes, and the end of a block
constexpr std::size_t kBlock = std::size_t{1} << 18;
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

}  // namespace

double literal_bits(ByteView raw) {
  const Counts counts = counts_of(raw);
  const auto total = static_cast<double>(raw.size());
  double bits = 0;
  for (std::size_t s = 0; s < 256; ++s)
    if (counts[s] > 0) bits += counts[s] * std::max(std::log2(total / counts[s]), 1.0);
  return bits;
}

std::size_t code_literals(ByteView raw, std::span<std::byte> out) {
  constexpr std::size_t kHead = 160, kSlack = 16;
  std::vector<Codes> codes;
  std::uint64_t bits = 0;
  for (std::size_t at = 0; at < raw.size(); at += kBlock) {
    const Counts counts = counts_of(raw.subspan(at, std::min(kBlock, raw.size() - at)));
    codes.push_back(codes_of(counts));
    for (std::size_t s = 0; s < kSymbols; ++s)
      bits += std::uint64_t{counts[s]} * codes.back().lengths[s];
  }
  if (raw.empty() || bits / 8 + codes.size() * kHead + kSlack > out.size()) return 0;
  BitWriter writer(out, 0);
  for (std::size_t block = 0; block < codes.size(); ++block) {
    const Codes& c = codes[block];
    std::array<std::uint32_t, 256> packed;  // code and length in one word: one look for each byte
    for (std::size_t s = 0; s < 256; ++s) packed[s] = c.bits[s] << 4 | c.lengths[s];
    const auto part = raw.subspan(block * kBlock, std::min(kBlock, raw.size() - block * kBlock));
    put_head(writer, c, block + 1 == codes.size());
    const auto put = [&](std::byte b) {
      const std::uint32_t code = packed[std::to_integer<std::size_t>(b)];
      writer.put(code >> 4, code & 15);
    };
    std::size_t i = 0;
    for (; i + 4 <= part.size(); i += 4) {
      put(part[i]);
      put(part[i + 1]);
      put(part[i + 2]);
      put(part[i + 3]);
      writer.flush();
    }
    for (; i < part.size(); ++i) {
      put(part[i]);
      writer.flush();
    }
    writer.put(c.bits[kEnd], c.lengths[kEnd]);
    writer.flush();
  }
  return writer.finish();
}

}  // namespace neuron::neff

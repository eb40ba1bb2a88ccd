// SPDX-License-Identifier: Apache-2.0
#include <random>
#include <set>

#include "neff/deflate.h"
#include "neff/gunzip.h"
#include "neff/literals.h"
#include "tests/catch.h"

using namespace neuron;
using namespace neuron::neff;

namespace {

/// Bytes of each kind that the coder treats in its own way.
std::vector<Bytes> kinds() {
  std::mt19937 random(1);
  std::vector<Bytes> all{Bytes(1), Bytes(kChunk, std::byte{7}), Bytes(70000)};
  Bytes noise(kChunk), skewed(kChunk), repeated(300000), two(kChunk), steep(kChunk);
  for (auto& b : noise) b = static_cast<std::byte>(random());
  for (auto& b : skewed) b = static_cast<std::byte>(random() & random() & random());
  for (std::size_t i = 0; i < repeated.size(); ++i) repeated[i] = noise[i % 1000];
  for (auto& b : two) b = static_cast<std::byte>(random() & 1);
  // Counts that double from symbol to symbol: the deepest tree, which must be cut.
  for (auto& b : steep) b = static_cast<std::byte>(std::countr_zero(random() | 1u << 20));
  all.insert(all.end(), {noise, skewed, repeated, two, steep});
  return all;
}

Bytes inflated(ByteView packed, std::uint64_t limit = std::uint64_t{1} << 30) {
  Gunzip in(packed, limit);
  Bytes all;
  while (true) {
    const auto piece = REQUIRE_OK(in.next());
    if (piece.empty()) break;
    all.insert(all.end(), piece.begin(), piece.end());
  }
  CHECK(REQUIRE_OK(gunzip_whole(packed, limit)) == all);
  return all;
}

/// Both ways of reading refuse it; why.
std::string refusal(ByteView packed, std::uint64_t limit = std::uint64_t{1} << 30) {
  Gunzip in(packed, limit);
  Result<ByteView> last = ByteView{};
  do last = in.next();
  while (last && !last->empty());
  REQUIRE(!last);
  const auto whole = gunzip_whole(packed, limit);
  REQUIRE(!whole);
  CHECK(whole.error().message == last.error().message);
  return last.error().message;
}

/// Leaves `value` all over the stack below the caller.
[[gnu::noinline]] void litter_stack(std::uint16_t value) {
  volatile std::uint16_t litter[100'000];
  for (volatile std::uint16_t& word : litter) word = value;
}

}  // namespace

TEST_CASE("a gzip member depends on its bytes alone, not on what the stack held") {
  Bytes raw(60'000);  // repetitions from farther away than a window of 2^13 bytes
  std::mt19937 random(2);
  for (std::size_t i = 0; i < raw.size(); ++i)
    raw[i] = i < 20'000 ? static_cast<std::byte>(random()) : raw[i - 20'000];
  for (int level = 1; level <= 3; ++level) {
    std::set<Bytes> results;
    for (const std::uint16_t litter : {0, 1, 8, 13, 0xffff}) {
      Bytes packed(most_packed(raw.size()));
      litter_stack(litter);
      packed.resize(gzip_member(raw, level, packed));
      results.insert(packed);
    }
    CHECK(results.size() == 1);
  }
}

TEST_CASE("every kind of bytes comes back from its gzip member, at every level") {
  for (const Bytes& raw : kinds())
    for (int level = 0; level <= 3; ++level) {
      Bytes packed(most_packed(raw.size()));
      const auto size = gzip_member(raw, level, packed);
      REQUIRE(size <= packed.size());
      CHECK(inflated(ByteView(packed).first(size)) == raw);
    }
}

TEST_CASE("a literal coder writes streams that others read") {
  for (const Bytes& raw : kinds()) {
    Bytes coded(raw.size() + 1000);
    const auto size = code_literals(raw, coded);
    if (size == 0) continue;
    // Two symbols and the end of a block take 1.5 bits where 1 would do.
    CHECK(static_cast<double>(size) < literal_bits(raw) / 8 * 1.51 + 2000);
    // A foreign header around it, so that the reader takes its other way.
    Bytes file{std::byte{0x1f}, std::byte{0x8b}, std::byte{8}, std::byte{0}, std::byte{0},
               std::byte{0},    std::byte{0},    std::byte{0}, std::byte{0}, std::byte{3}};
    file.insert(file.end(), coded.begin(), coded.begin() + static_cast<std::ptrdiff_t>(size));
    Bytes member(most_packed(raw.size()));
    const auto end = gzip_member(raw, 0, member);
    file.insert(file.end(), member.begin() + static_cast<std::ptrdiff_t>(end - 8),
                member.begin() + static_cast<std::ptrdiff_t>(end));
    CHECK(inflated(file) == raw);
  }
}

TEST_CASE("members of ours and others may follow each other, padding comes last") {
  const Bytes raw(300000, std::byte{'a'});
  Bytes packed(most_packed(raw.size()));
  packed.resize(gzip_member(raw, 1, packed));
  Bytes plain = packed;  // without our field: the name of the field is another's
  plain[12] = std::byte{'X'};
  Bytes all = packed, want = raw;
  for (const Bytes& next : {packed, plain, packed, plain}) {
    all.insert(all.end(), next.begin(), next.end());
    want.insert(want.end(), raw.begin(), raw.end());
  }
  CHECK(inflated(all) == want);
  all.resize(all.size() + 9000);
  CHECK(inflated(all) == want);
  packed.resize(packed.size() + 77);
  CHECK(inflated(packed) == raw);
  all.back() = std::byte{1};
  CHECK(refusal(all) == "byte 8999 after the gzip stream is 0x01, expected zero padding");
  packed.back() = std::byte{1};
  CHECK(refusal(packed) == "byte 76 after the gzip stream is 0x01, expected zero padding");
}

TEST_CASE("a payload that expands beyond its limit is refused, whoever packed it") {
  Bytes packed(most_packed(kChunk));
  packed.resize(gzip_member(Bytes(kChunk), 1, packed));
  for (const char name : {'N', 'X'}) {  // ours and others'
    packed[12] = static_cast<std::byte>(name);
    CHECK(refusal(packed, kChunk - 1) ==
          "the gzip stream expands beyond 2097151 bytes, the limit for its size");
    CHECK(inflated(packed, kChunk).size() == kChunk);
  }
}

TEST_CASE("bytes that shrink by less than is worth the time are stored") {
  std::mt19937 random(3);
  Bytes weights(kChunk);  // one of four bytes has half its bits: it shrinks by an eighth or so
  for (std::size_t i = 0; i < weights.size(); ++i)
    weights[i] = static_cast<std::byte>(i % 4 == 3 ? random() & 15 : random());
  Bytes packed(most_packed(weights.size()));
  CHECK(gzip_member(weights, 1, packed) < weights.size());
  CHECK(gzip_member(weights, 1, packed, 4) > weights.size());
  CHECK(inflated(ByteView(packed).first(gzip_member(weights, 1, packed, 4))) == weights);
}

TEST_CASE("a member that lies about its size is refused") {
  const Bytes raw(5000, std::byte{'a'});
  Bytes packed(most_packed(raw.size()));
  packed.resize(gzip_member(raw, 1, packed));
  packed.resize(packed.size() + 40);
  store(packed, 16, static_cast<std::uint32_t>(packed.size() - 8));
  CHECK(refusal(packed).find("does not end where its index says") != std::string::npos);
  packed.resize(packed.size() - 40);
  store(packed, 16, static_cast<std::uint32_t>(packed.size()));
  store(packed, packed.size() - 4, std::uint32_t{4999});
  CHECK(!gunzip_whole(packed, 1 << 20));
  store(packed, packed.size() - 4, std::uint32_t{5001});
  CHECK(!gunzip_whole(packed, 1 << 20));
}

TEST_CASE("what is packed here never looks like a bomb") {
  const Bytes raw(kChunk);
  Bytes packed(most_packed(raw.size()));
  CHECK(raw.size() / gzip_member(raw, 1, packed) <= 200);
}

TEST_CASE("a damaged block after which ISA-L gives back more than it took is refused") {
  const unsigned char found[] = {0x1f, 0x8b, 0x08, 0x08, 0x2e, 0x39, 0xb3, 0x6a, 0x01,
                                 0x6b, 0x00, 0x03, 0x67, 0x75, 0x61, 0x00, 0x72, 0x98,
                                 0x2f, 0x98, 0x98, 0x98, 0x98, 0x98, 0x98, 0x98, 0x98};
  CHECK(refusal(std::as_bytes(std::span(found))).find("the gzip stream is damaged at byte ") == 0);
}

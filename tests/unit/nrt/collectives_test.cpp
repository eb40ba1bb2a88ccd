// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include <cstring>
#include <ctime>
#include <numeric>
#include <thread>

#include "base/numbers.h"
#include "nrt/collectives/exchange.h"
#include "nrt/collectives/operations.h"
#include "tests/catch.h"

using namespace neuron;
using namespace neuron::nrt::cc;

namespace {

using Worlds = std::vector<std::shared_ptr<World>>;
using Work = std::function<Result<>(World&)>;

/// A root and all ranks of a world, in this process.
struct Party {
  std::unique_ptr<Root> root;
  Worlds worlds;

  explicit Party(std::uint32_t ranks, int timeout = 20) {
    auto opened = Root::open({"127.0.0.1", "0"}, ranks, timeout);
    REQUIRE(opened);
    root = std::move(*opened);
    for (std::uint32_t r = 0; r < ranks; ++r) worlds.push_back(come(r, ranks, timeout));
  }
  std::shared_ptr<World> come(std::uint32_t rank, std::uint32_t ranks, int timeout) const {
    return World::open({rank, ranks, root->id(), timeout});
  }
  /// What each rank's thread got; "" is success.
  std::vector<std::string> all(const Work& work) const {
    std::vector<std::string> results(worlds.size());
    std::vector<std::thread> threads;
    for (std::size_t r = 0; r < worlds.size(); ++r)
      threads.emplace_back([&, r] {
        if (!worlds[r]) return;
        if (auto done = work(*worlds[r]); !done) results[r] = done.error().message;
      });
    for (auto& thread : threads) thread.join();
    return results;
  }
  void must(const Work& work) const {
    for (const std::string& text : all(work)) REQUIRE(text == "");
  }
};

Bytes pattern(std::size_t size, std::uint32_t rank) {
  Bytes bytes(size);
  for (std::size_t i = 0; i < size; ++i)
    bytes[i] = static_cast<std::byte>((i * 7 + rank * 13 + (i >> 8)) & 0xff);
  return bytes;
}

/// Small whole numbers of a type, exact in every sum of eight.
Bytes numbers(std::size_t count, DType type, std::uint32_t rank) {
  Bytes bytes(count * size_of(type));
  for (std::size_t i = 0; i < count; ++i)
    store_float(bytes, i, type, static_cast<float>((i + rank) % 2));
  return bytes;
}

Result<> expect(const Bytes& found, const Bytes& expected, std::uint32_t rank) {
  if (found == expected) return {};
  return fail(Code::Mismatch, "rank {} got other bytes", rank);
}

Bytes joined(const std::vector<Bytes>& parts) {
  Bytes all;
  for (const Bytes& part : parts) all.insert(all.end(), part.begin(), part.end());
  return all;
}

std::vector<Bytes> patterns(std::size_t size, std::uint32_t ranks) {
  std::vector<Bytes> all;
  for (std::uint32_t r = 0; r < ranks; ++r) all.push_back(pattern(size, r));
  return all;
}

bool has(const std::string& text, const char* part) {
  CAPTURE(text);
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("ranks gather, exchange and permute bytes of any size") {
  const std::uint32_t ranks = GENERATE(2u, 3u, 8u);
  const Party party(ranks);
  for (const std::size_t size : {1u, 4u, 4096u, 20003u, 1u << 20}) {
    if (size > 100000 && ranks > 2)
      continue;  // once is enough: the traffic grows with their square
    const auto inputs = patterns(size * ranks, ranks);
    party.must([&](World& w) -> Result<> {
      const Group all = w.everybody(0);
      Bytes gathered(size * ranks * ranks), swapped(size * ranks), moved(size * ranks);
      TRY(all_gather(w, all, inputs[w.rank()], gathered));
      TRY(expect(gathered, joined(inputs), w.rank()));
      TRY(all_to_all(w, all, inputs[w.rank()], swapped));
      for (std::uint32_t r = 0; r < ranks; ++r)
        if (std::memcmp(swapped.data() + r * size, inputs[r].data() + w.rank() * size, size) != 0)
          return fail(Code::Mismatch, "part {} of rank {} is wrong", r, w.rank());
      TRY(permute(w, all, {{0, 1}, {1, 0}}, inputs[w.rank()], moved));
      return expect(moved, w.rank() > 1 ? Bytes(size * ranks) : inputs[1 - w.rank()], w.rank());
    });
  }
}

TEST_CASE("every type is reduced to the exact sum, maximum and minimum") {
  constexpr DType kTypes[] = {DType::UInt64, DType::Int8,     DType::UInt8,   DType::Int16,
                              DType::UInt16, DType::BFloat16, DType::Float16, DType::Int32,
                              DType::UInt32, DType::Float32,  DType::Int64,   DType::Fp8E3,
                              DType::Fp8E4,  DType::Fp8E5,    DType::Float64};
  const Party party(3);
  for (const DType type : kTypes)
    for (const std::size_t count : {3u, 999u, 300000u}) {
      Bytes sums(count * size_of(type)), ones(sums), zeros(sums);
      for (std::size_t i = 0; i < count; ++i) {
        store_float(sums, i, type, static_cast<float>(i % 2 + (i + 1) % 2 + (i + 2) % 2));
        store_float(ones, i, type, 1.0f);
        store_float(zeros, i, type, 0.0f);
      }
      party.must([&](World& w) -> Result<> {
        const Group all = w.everybody(1);
        const Bytes in = numbers(count, type, w.rank());
        Bytes out(in.size()), part(in.size() / 3);
        TRY(all_reduce(w, all, in, out, type, Reduction::Add).within(name_of(type)));
        TRY(expect(out, sums, w.rank()).within(name_of(type)));
        TRY(all_reduce(w, all, in, out, type, Reduction::Max));
        TRY(expect(out, ones, w.rank()).within(name_of(type)));
        TRY(all_reduce(w, all, in, out, type, Reduction::Min));
        TRY(expect(out, zeros, w.rank()).within(name_of(type)));
        TRY(reduce_scatter(w, all, in, part, type, Reduction::Add));
        const auto begin = sums.begin() + static_cast<std::ptrdiff_t>(w.rank() * part.size());
        return expect(part, Bytes(begin, begin + static_cast<std::ptrdiff_t>(part.size())),
                      w.rank());
      });
    }
}

TEST_CASE("sums of floats are those of the order of ranks, on every rank and path, in place too") {
  const std::uint32_t ranks = GENERATE(2u, 4u);
  const Party party(ranks);
  for (const std::size_t count : {1000u, 200001u, 400001u}) {
    std::vector<std::vector<float>> inputs(ranks, std::vector<float>(count));
    std::vector<float> sums(count);
    for (std::size_t r = 0; r < ranks; ++r)
      for (std::size_t i = 0; i < count; ++i) {
        inputs[r][i] = std::sin(static_cast<float>(i * 4 + r)) * std::pow(10.0f, float(r));
        sums[i] = r == 0 ? inputs[r][i] : sums[i] + inputs[r][i];
      }
    party.must([&](World& w) -> Result<> {
      auto values = inputs[w.rank()];
      const auto bytes = std::as_writable_bytes(std::span(values));
      TRY(all_reduce(w, w.everybody(0), bytes, bytes, DType::Float32, Reduction::Add));
      if (values == sums) return {};
      return fail(Code::Mismatch, "rank {} has other sums", w.rank());
    });
  }
}

TEST_CASE("groups of a world work beside each other, in their own order") {
  const Party party(6);
  party.must([&](World& w) -> Result<> {
    const Group odd{{1, 5, 3}, w.rank() == 1 ? 0u : w.rank() == 5 ? 1u : 2u, 0};
    const Group even{{0, 2, 4}, w.rank() / 2, 0};
    const bool is_odd = w.rank() % 2 != 0;
    Bytes in = pattern(5000, w.rank()), out(15000);
    for (int i = 0; i < 20; ++i) TRY(all_gather(w, is_odd ? odd : even, in, out));
    const auto expected = is_odd ? joined({pattern(5000, 1), pattern(5000, 5), pattern(5000, 3)})
                                 : joined({pattern(5000, 0), pattern(5000, 2), pattern(5000, 4)});
    TRY(barrier(w, w.everybody(0)));
    return expect(out, expected, w.rank());
  });
}

TEST_CASE("streams of a rank run beside each other") {
  const Party party(3);
  party.must([](World& w) -> Result<> {
    std::vector<std::string> results(4);
    std::vector<std::thread> threads;
    for (std::uint32_t stream = 0; stream < 4; ++stream)
      threads.emplace_back([&, stream] {
        const Bytes in = pattern(50000 + stream, w.rank());
        Bytes out(in.size() * 3);
        for (int i = 0; i < 10; ++i)
          if (auto done = all_gather(w, w.everybody(stream), in, out); !done)
            results[stream] = done.error().message;
        if (out != joined(patterns(in.size(), 3))) results[stream] += "wrong bytes";
      });
    for (auto& thread : threads) thread.join();
    for (const std::string& text : results)
      if (!text.empty()) return fail(Code::Mismatch, "{}", text);
    return {};
  });
}

TEST_CASE("a rank that waits for another sleeps meanwhile") {
  const Party party(2);
  party.must([](World& w) -> Result<> {
    const auto spent_ms = [] {
      timespec at{};
      (void)::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &at);
      return at.tv_sec * 1000 + at.tv_nsec / 1000000;
    };
    for (int i = 0; i < 3; ++i) TRY(barrier(w, w.everybody(0)));
    if (w.rank() == 1) std::this_thread::sleep_for(std::chrono::milliseconds(600));
    const auto before = spent_ms();
    TRY(barrier(w, w.everybody(0)));
    if (spent_ms() - before < 60) return {};
    return fail(Code::Mismatch, "rank {} was busy for {} ms", w.rank(), spent_ms() - before);
  });
}

TEST_CASE("a rank that never comes is named, and so is one that comes twice") {
  auto root = Root::open({"127.0.0.1", "0"}, 4, 1);
  REQUIRE(root);
  const auto first = World::open({0, 4, (*root)->id(), 1});
  const auto second = World::open({2, 4, (*root)->id(), 1});
  const auto late = first->ready();
  REQUIRE(!late);
  CHECK(has(late.error().message, "ranks 1 and 3 of 4 did not come to 127.0.0.1:"));
  CHECK_FALSE(second->ready());

  auto other = Root::open({"127.0.0.1", "0"}, 2, 1);
  REQUIRE(other);
  const auto one = World::open({1, 2, (*other)->id(), 1});
  const auto stranger = World::open({7, 9, (*other)->id(), 1});
  CHECK(has(stranger->ready().error().message, "rank 7 of 9 came to a world of 2 ranks"));
}

TEST_CASE("a rank that stays away from an operation is named, and all can start again") {
  Party party(3, 2);
  party.must([](World& w) { return barrier(w, w.everybody(0)); });
  const auto results = party.all([](World& w) -> Result<> {
    if (w.rank() == 1) return {};
    Bytes in(100000), out(300000);
    return all_gather(w, w.everybody(0), in, out);
  });
  for (const std::size_t rank : {0u, 2u}) {
    CHECK(has(results[rank], "all_gather: no progress for 2 s: rank 1 (host "));
    CHECK(has(results[rank], "did not take part"));
  }
  const auto broken = party.all([](World& w) { return barrier(w, w.everybody(0)); });
  CHECK(has(broken[0], "join the world again"));
  const Party again(3);
  again.must([](World& w) { return barrier(w, w.everybody(0)); });
}

TEST_CASE("a rank that goes away ends the operations that wait for it") {
  Party party(3, 30);
  party.must([](World& w) { return barrier(w, w.everybody(0)); });
  party.worlds[1].reset();
  const auto results = party.all([](World& w) {
    Bytes in(1000), out(3000);
    return all_gather(w, w.everybody(0), in, out);
  });
  // Whoever waits until the time is over says "no progress"; a clock would find a halted machine.
  for (const std::size_t rank : {0u, 2u}) {
    CHECK(has(results[rank], "rank 1 (host "));
    CHECK(has(results[rank], " is gone"));
  }
}

TEST_CASE("ranks that disagree about the size are told so") {
  const Party party(2, 5);
  const auto results = party.all([](World& w) {
    Bytes in(w.rank() == 0 ? 100 : 5000), out(in.size() * 2);
    return all_gather(w, w.everybody(0), in, out);
  });
  CHECK(has(results[0] + results[1], "sends another size"));  // who is first tells the other
  CHECK(results[0] != "");
  CHECK(results[1] != "");
}

TEST_CASE("the address of rank 0 has a host and a port") {
  CHECK(parse_root("10.0.1.2:46820")->text() == "10.0.1.2:46820");
  CHECK(parse_root("[fd00::1]:46820")->text() == "[fd00::1]:46820");
  CHECK(parse_root("trainer-0.local:1")->host == "trainer-0.local");
  for (const char* bad : {"", "10.0.1.2", "10.0.1.2:", ":46820", "10.0.1.2:70000", "fd00::1:2:3"})
    CHECK_FALSE(parse_root(bad));
}

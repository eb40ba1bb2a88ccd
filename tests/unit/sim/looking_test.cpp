// SPDX-License-Identifier: Apache-2.0
// Detectors and the debugger, on programs small enough to know the answer.
#include <cmath>
#include <sstream>

#include "bench.h"
#include "sim/debug.h"
#include "sim/poison.h"
#include "sim/probe.h"
#include "sim/races.h"

namespace neuron::sim {
namespace {

constexpr isa::Sync kRaise{isa::kNoWait, 0, isa::kIncrement, 6, 0};
constexpr isa::Sync kAwait{isa::kWaitGreaterEqual, 6, isa::kNoUpdate, 0, 1};

isa::memset fill(std::uint32_t at, std::uint16_t count, std::uint8_t partitions) {
  isa::memset op;
  op.count = count;
  op.dst_type = DType::Float32;
  op.partitions = partitions;
  op.value = 0x3f800000;
  op.dst = row(at, count);
  return op;
}
isa::copy move(std::uint32_t from, std::uint32_t to, std::uint16_t count, std::uint8_t partitions) {
  isa::copy op;
  op.src_type = op.dst_type = DType::Float32;
  op.partitions = partitions;
  op.src = row(from, count);
  op.dst = row(to, count);
  return op;
}

/// Vector fills, Scalar copies what was filled.
Bench two_engines(isa::Sync first, isa::Sync second, std::uint32_t from = 0x100) {
  Bench b;
  b.add(isa::Engine::Vector, fill(0x100, 16, 32), first);
  b.add(isa::Engine::Scalar, move(from, 0x400, 16, 32), second);
  return b;
}

std::vector<Race> races_of(Bench& b, std::span<const std::span<std::byte>> variables = {}) {
  const auto loaded = REQUIRE_OK(load(b.program));
  const Part part{loaded.get(), &b.core, variables};
  return REQUIRE_OK(find_races(std::span(&part, 1)));
}

std::vector<Unwritten> unwritten_in(Bench& b) {
  const auto loaded = REQUIRE_OK(load(b.program));
  const Part part{loaded.get(), &b.core, {}};
  return REQUIRE_OK(execute_poisoned(std::span(&part, 1), {}));
}

}  // namespace

TEST_CASE("a wait orders two engines, and without it they race") {
  Bench ordered = two_engines(kRaise, kAwait);
  CHECK(races_of(ordered).empty());
  Bench racing = two_engines(kRaise, {});
  const auto races = races_of(racing);
  REQUIRE(races.size() == 1);
  const Race& r = races[0];
  CHECK((r.first.engine == isa::Engine::Scalar) != (r.second.engine == isa::Engine::Scalar));
  CHECK(r.place == "SBUF partition 0 byte 0x100");
  CHECK(r.bytes == 16 * 4 * 32);
  CHECK(r.memory == "SBUF");
}

TEST_CASE("advice names the raise that the later one lacks") {
  Bench b;
  b.add(isa::Engine::Scalar, fill(0x100, 4, 1), {isa::kNoWait, 0, isa::kIncrement, 9, 0});
  b.add(isa::Engine::Vector, move(0x100, 0x200, 4, 1));
  const auto races = races_of(b);
  REQUIRE(races.size() == 1);
  CHECK(races[0].advice == "Vector pc 0 must wait for S[9]>=1");
}

TEST_CASE("a wait for too little leaves a race") {
  Bench b;
  b.add(isa::Engine::Scalar, fill(0x800, 4, 1), kRaise);
  b.add(isa::Engine::Scalar, fill(0x100, 4, 1), kRaise);
  b.add(isa::Engine::Vector, move(0x100, 0x200, 4, 1), kAwait);  // >= 1: the first raise is enough
  CHECK(races_of(b).size() == 1);
  b.program.streams[static_cast<int>(isa::Engine::Vector)].clear();
  isa::Sync both = kAwait;
  both.wait_value = 2;
  b.add(isa::Engine::Vector, move(0x100, 0x200, 4, 1), both);
  CHECK(races_of(b).empty());
}

TEST_CASE("neighbours in other bytes or other partitions do not race") {
  Bench bytes = two_engines({}, {}, 0x140);
  CHECK(races_of(bytes).empty());
  Bench partitions = two_engines({}, {}, 0x100 + 32 * isa::kPartitionStride);
  CHECK(races_of(partitions).empty());
}

TEST_CASE("two readers do not race, two writers do") {
  Bench b;
  b.add(isa::Engine::Vector, move(0x100, 0x200, 4, 1));
  b.add(isa::Engine::Scalar, move(0x100, 0x300, 4, 1));
  CHECK(races_of(b).empty());
  b.add(isa::Engine::Gpsimd, fill(0x200, 2, 1));
  CHECK(races_of(b).size() == 1);
}

TEST_CASE("a transfer races with the engine that does not await it") {
  for (const bool waits : {true, false}) {
    Bench b;
    Bytes x(64);
    b.program.variables.push_back({"x", Storage::Device, x.size()});
    b.program.queues.push_back({"q", QueueKind::HardwareDynamic, isa::Engine::Sync, 16});
    isa::pseudo_dma_direct2d in;
    in.semaphore = 6;
    in.increment = 16;
    in.src_variable = 0x10000001;
    in.dst_variable = 0x10000000;
    in.dst_offset = 0x100;
    in.src_num0 = in.src_num1 = in.dst_num0 = in.dst_num1 = 1;
    in.src_element = in.dst_element = 64;
    in.src_type = in.dst_type = DType::Float32;
    b.add(isa::Engine::Sync, in);
    isa::Sync wait = kAwait;
    wait.wait_value = 16;
    b.add(isa::Engine::Vector, move(0x100, 0x200, 16, 1), waits ? wait : isa::Sync{});
    const std::array<std::span<std::byte>, 2> variables{std::span<std::byte>{}, x};
    CHECK(races_of(b, variables).size() == (waits ? 0 : 1));
  }
}

TEST_CASE("poison finds the first byte that nothing wrote") {
  Bench whole = two_engines(kRaise, kAwait);
  CHECK(unwritten_in(whole).empty());
  Bench beyond = two_engines(kRaise, kAwait, 0x120);
  const auto reads = unwritten_in(beyond);
  REQUIRE(reads.size() == 1);
  CHECK(reads[0].engine == isa::Engine::Scalar);
  CHECK(reads[0].operand == "src");
  CHECK(reads[0].place == "SBUF partition 0 byte 0x140");
  CHECK(reads[0].bytes == 8 * 4 * 32);
  CHECK(std::isnan(beyond.get(0x400, 0, 15)));
}

TEST_CASE("a trace tells each instruction and what it left") {
  Bench b = two_engines(kRaise, kAwait);
  const auto loaded = REQUIRE_OK(load(b.program));
  const Part part{loaded.get(), &b.core, {}};
  std::vector<Traced> told;
  REQUIRE_OK(execute_traced(std::span(&part, 1), [&](const Traced& t) {
    told.push_back(t);
    return Result<>{};
  }));
  REQUIRE(told.size() == 2);
  CHECK(told[0].text.starts_with("MEMSET"));
  CHECK(told[1].summary == "fp32 [32,16] min 1 max 1 mean 1");
  REQUIRE(told[1].value);
  CHECK(told[1].value->bytes.size() == 32 * 16 * 4);
}

TEST_CASE("the debugger stops, prints and goes on") {
  Bench b = two_engines(kRaise, kAwait);
  const auto loaded = REQUIRE_OK(load(b.program));
  const Part part{loaded.get(), &b.core, {}};
  const DebugNames names{[](auto...) { return std::string("layer1"); },
                         [](const std::string&) { return DType::Unknown; }};
  const auto ran = [&](const char* script) {
    std::istringstream in(script);
    std::ostringstream out;
    const auto result = debug(std::span(&part, 1), names, in, out, {"", true});
    return out.str() + (result ? "" : "! " + result.error().message);
  };
  const std::string stopped =
      ran("break act:0\ncontinue\nprint sbuf 0 0x100 2\nprint semaphore 6\n");
  CHECK(stopped.find("> print sbuf 0 0x100 2\nfloat32 1 1\n") != std::string::npos);
  CHECK(stopped.find("sg00 S[6] = 1\n") != std::string::npos);
  CHECK(stopped.find("the program has ended") != std::string::npos);
  CHECK(ran("watch sbuf 3 0x400 4\ncontinue\nquit\n").find("changed") == std::string::npos);
  CHECK(ran("break layer layer1\ncontinue\nwhere\nquit\n").find("Scalar     0") !=
        std::string::npos);
  CHECK(ran("brake\n").find("! 1 command was not understood") != std::string::npos);
}

}  // namespace neuron::sim

// SPDX-License-Identifier: Apache-2.0
#include <chrono>
#include <cmath>

#include "sim/loaded.h"
#include "sim/schedule_dma.h"
#include "sim/schedule_throttle.h"
#include "sim/what_if.h"
#include "tests/unit/sim/bench.h"

using namespace neuron;
using namespace neuron::sim;
using isa::Engine;

namespace {

Schedule schedule_of(const Bench& bench) {
  const auto loaded = REQUIRE_OK(load(bench.program));
  return REQUIRE_OK(schedule(*loaded));
}

isa::copy move(std::uint16_t count) {
  isa::copy op;
  op.src = row(0, count);
  op.dst = row(8192, count);
  op.src_type = op.dst_type = DType::Float32;
  op.partitions = 128;
  return op;
}
isa::matmul product(std::uint16_t columns) {
  isa::matmul op;
  op.src = row(0, columns);
  op.dst = row(isa::kPsumBase, columns);
  op.src_type = DType::BFloat16;
  op.rows = op.columns = 128;
  op.acc_flags = 3;
  op.row_groups = op.column_groups = 15;
  return op;
}

constexpr isa::Sync tells(std::uint8_t semaphore) {
  return {.update_mode = isa::kIncrement, .update_semaphore = semaphore};
}
constexpr isa::Sync waits(std::uint8_t semaphore, std::uint32_t value) {
  return {.wait_mode = isa::kWaitGreaterEqual, .wait_semaphore = semaphore, .wait_value = value};
}

/// `rows` rows of `bytes` from device memory into partitions.
Transfer load_rows(std::int64_t rows, std::int64_t bytes) {
  Transfer t;
  t.semaphore = {9};
  Descriptor d;
  d.from.push_back({{1}, 0, {1, bytes, 0, 0}, {bytes, rows, 1, 1}, DType::UInt8});
  d.to = {{0}, 0, {1, isa::kPartitionStride, 0, 0}, {bytes, rows, 1, 1}, DType::UInt8};
  t.descriptors.push_back(d);
  return t;
}
Bench bench_with_queue(QueueKind kind, isa::ArchId arch = isa::ArchId::V3) {
  Bench bench(arch);
  bench.program.variables.push_back({"x", Storage::Device, 1 << 24});
  bench.program.queues.push_back({"q", kind, Engine::Sync, 16});
  return bench;
}

}  // namespace

TEST_CASE("an engine is in order, and a waiting engine starts soon after the semaphore") {
  Bench bench;
  bench.add(Engine::Vector, move(128), tells(3));
  bench.add(Engine::Vector, move(128));
  bench.add(Engine::Scalar, move(128), waits(3, 1));
  const Schedule s = schedule_of(bench);
  REQUIRE(s.instructions.size() == 3);
  const auto find = [&](Engine e, std::uint32_t pc) {
    for (const auto& i : s.instructions)
      if (i.engine == e && i.pc == pc) return i;
    FAIL("not scheduled");
    return s.instructions[0];
  };
  const auto first = find(Engine::Vector, 0), second = find(Engine::Vector, 1);
  const auto third = find(Engine::Scalar, 0);
  CHECK(second.begin_ps > first.begin_ps);
  CHECK(second.begin_ps < first.end_ps);  // the pipeline overlaps
  CHECK(third.begin_ps > first.end_ps);
  CHECK(third.begin_ps - first.end_ps < 50'000);  // traces: 31 to 39 ns
  CHECK(third.wait_ps > 0);
  REQUIRE(s.semaphores.size() == 1);
  CHECK(s.semaphores[0].value == 1);
  CHECK(s.semaphores[0].originator == static_cast<int>(Engine::Vector));
  CHECK(s.span_ps >= third.end_ps);
  CHECK(s.total_ps > s.preamble_ps + s.span_ps);
}

TEST_CASE("a deadlock names who waits for what") {
  Bench bench;
  bench.add(Engine::Vector, move(8), waits(3, 1));
  bench.add(Engine::Scalar, move(8), tells(4));
  bench.add(Engine::Scalar, move(8), waits(4, 2));
  const auto loaded = REQUIRE_OK(load(bench.program));
  const auto result = schedule(*loaded);
  REQUIRE(!result);
  CHECK(result.error().code == Code::ExecutionFault);
  CHECK(
      result.error().message ==
      "sg00: deadlock: Scalar pc 1 waits for S[4]>=2 (is 1); Vector pc 0 waits for S[3]>=1 (is 0)");
}

TEST_CASE("the same program gives the same schedule") {
  Bench bench = bench_with_queue(QueueKind::Static);
  bench.program.transfers[4].push_back(load_rows(128, 2048));
  isa::pseudo_dma_trigger trigger;
  trigger.queue = "q";
  bench.add(Engine::Sync, trigger);
  bench.add(Engine::Vector, move(128), waits(9, 16));
  const Schedule a = schedule_of(bench), b = schedule_of(bench);
  CHECK(a.total_ps == b.total_ps);
  CHECK(a.packets.size() == b.packets.size());
  CHECK(a.semaphores.size() == 16);
}

TEST_CASE("rows go over 16 engines, and the semaphore's bytes as the generation sends them") {
  for (const auto arch : {isa::ArchId::V2, isa::ArchId::V3}) {
    Bench bench = bench_with_queue(QueueKind::Static, arch);
    bench.program.transfers[4].push_back(load_rows(128, 2048));
    isa::pseudo_dma_trigger trigger;
    trigger.queue = "q";
    bench.add(Engine::Sync, trigger);
    const Schedule s = schedule_of(bench);
    std::uint64_t bytes = 0;
    std::array<int, 16> packets{};
    for (const PacketTime& p : s.packets) bytes += p.bytes, ++packets[p.ring];
    CHECK(bytes == 128 * 2048 + 16 * 4);
    for (int n : packets) CHECK(n == (arch == isa::ArchId::V2 ? 9 : 8));
    CHECK(s.packets[0].bytes == 2048);
  }
}

TEST_CASE("a hardware transfer finishes when traces say") {
  // Traces: 128 rows of 512 bytes done after 2192 ns, of 4096 bytes to memory after 2960 to 3010.
  Bench bench = bench_with_queue(QueueKind::HardwareDynamic);
  isa::pseudo_dma_direct2d op;
  op.semaphore = 9;
  op.increment = 16;
  op.src_variable = 0x10000001;
  op.dst_variable = 0x10000000;
  op.src_step0 = op.src_element = op.dst_element = 512;
  op.src_num0 = op.dst_num0 = 128;
  op.dst_step0 = isa::kPartitionStride;
  op.src_num1 = op.dst_num1 = op.src_step1 = op.dst_step1 = 1;
  op.src_type = op.dst_type = DType::Float32;
  bench.add(Engine::Sync, op);
  const Schedule s = schedule_of(bench);
  REQUIRE(s.semaphores.size() == 16);
  CHECK(s.packets.size() == 16 * 9);
  const double done = static_cast<double>(s.semaphores.back().at_ps - s.instructions[0].begin_ps);
  CHECK(done / 1000 == Approx(2192).epsilon(.05));
}

TEST_CASE("the tensor engine warms up when a window has streamed enough, and cools down") {
  const Clock clock;
  Throttle throttle(2.4, true, clock);
  CHECK(throttle.ghz_at(0) == 1.2);
  Ps end = throttle.stream(0, 3071);
  CHECK(throttle.ghz_at(3'500'000) == 1.2);
  end = throttle.stream(3'500'000, 3072);
  CHECK(end == 3'500'000 + 2'560'000);
  CHECK(throttle.ghz_at(7'000'000) == 2.4);
  CHECK(throttle.ghz_at(11'000'000) == 1.2);
  REQUIRE(throttle.changes().size() == 2);
  CHECK(throttle.changes()[0].at_ps == 2 * 3'413'328);
  CHECK(throttle.changes()[0].k == 8);
  CHECK(throttle.changes()[1].k == 4);
}

TEST_CASE("what crosses a change of clock is split there") {
  const Clock clock;
  Throttle throttle(2.4, true, clock);
  // 4096 columns fill the first window (less a thousandth of one), the rest runs at full clock.
  CHECK(throttle.stream(0, 4096 + 2400) == Approx(3'413'328 + 1'000'000).epsilon(1e-4));
}

TEST_CASE("a load of weights hides behind the MATMUL before it") {
  Bench bench;
  isa::ldweights weights;
  weights.src = row(0, 128, -1);
  weights.src.start = 4096;
  weights.src_type = DType::BFloat16;
  weights.rows = weights.columns = 128;
  weights.row_groups = weights.column_groups = 15;
  for (int i = 0; i < 4; ++i) {
    bench.add(Engine::Tensor, weights);
    bench.add(Engine::Tensor, product(512));
  }
  const Schedule s = schedule_of(bench);
  const auto& i = s.instructions;
  CHECK(i[4].begin_ps - i[3].begin_ps == 1'700);
  // Cold: 512 columns at 1.2 GHz from MATMUL to MATMUL.
  CHECK(i[5].begin_ps - i[3].begin_ps == Approx(426'667).epsilon(.001));
}

TEST_CASE("a million instructions are scheduled in a second") {
  Bench bench;
  for (int i = 0; i < 250'000; ++i) {
    bench.add(Engine::Vector, move(16),
              {.wait_mode = isa::kWaitGreaterEqual,
               .wait_semaphore = 4,
               .update_mode = isa::kIncrement,
               .update_semaphore = 3,
               .wait_value = std::uint32_t(i)});
    bench.add(Engine::Scalar, move(16),
              {.wait_mode = isa::kWaitGreaterEqual,
               .wait_semaphore = 3,
               .update_mode = isa::kIncrement,
               .update_semaphore = 4,
               .wait_value = std::uint32_t(i + 1)});
  }
  const auto loaded = REQUIRE_OK(load(bench.program));
  const auto begin = std::chrono::steady_clock::now();
  const Schedule s = REQUIRE_OK(schedule(*loaded));
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
  CHECK(s.instructions.size() == 500'000);
  fmt::print("schedule: {:.1f} M instructions/s\n", 0.5 / took.count());
  // Wall time on a shared machine: the bound is loose, the printed number is the measurement.
  CHECK(took.count() < 5);
}

TEST_CASE("a given clock is followed, and the phase of the rule moves its windows") {
  Bench bench;
  for (int i = 0; i < 64; ++i) bench.add(Engine::Tensor, product(512));
  const auto loaded = REQUIRE_OK(load(bench.program));
  const auto span = [&](const Clock& clock) {
    return static_cast<double>(REQUIRE_OK(schedule(*loaded, clock)).span_ps) / 1e3;
  };
  const double cold = span({0, std::vector<ThrottleTime>{}});
  const double warm = span({0, std::vector<ThrottleTime>{{0, 8, 8}}});
  CHECK(cold > 64 * 512 / 1.2);
  CHECK(warm < 64 * 518 / 2.4 + 1000);
  // Half of the columns at each clock: 32 * 512 / 1.2 = 13653 ns.
  const Schedule both =
      REQUIRE_OK(schedule(*loaded, {0, std::vector<ThrottleTime>{{13'653'000, 8, 8}}}));
  CHECK(std::abs(static_cast<double>(both.span_ps) / 1e3 - (cold + warm) / 2) < 300);
  REQUIRE(both.throttles.size() == 1);
  CHECK(both.throttles[0].at_ps == 13'653'000);
  // A window that began half of its length before the program ends, and warms up, as much earlier.
  const Schedule early = REQUIRE_OK(schedule(*loaded, {kThrottleWindowPs / 2, {}}));
  REQUIRE(!early.throttles.empty());
  CHECK(early.throttles[0].at_ps % kThrottleWindowPs == kThrottleWindowPs / 2);
}

TEST_CASE("all engines together read device memory no faster than it goes") {
  Bench bench = bench_with_queue(QueueKind::Static);
  for (std::uint32_t i = 0; i < 32; ++i) {
    Transfer t = load_rows(128, 4096);
    t.id = i;
    bench.program.transfers[4].push_back(t);
    isa::pseudo_dma_trigger trigger;
    trigger.queue = "q";
    trigger.dma_id = i;
    bench.add(Engine::Sync, trigger);
  }
  const Schedule s = schedule_of(bench);
  std::uint64_t first = UINT64_MAX, last = 0;
  for (const PacketTime& p : s.packets) {
    first = std::min(first, p.begin_ps);
    last = std::max(last, p.end_ps);
  }
  const double rate = 32 * 128 * 4096.0 / (static_cast<double>(last - first) / 1e3);
  const double most = isa::arch(isa::ArchId::V3).hbm_bytes_per_ns * 1.06;
  CHECK(rate < most * 1.02);
  CHECK(rate > most * 0.95);
}

TEST_CASE("each schedule has constants of its own, on every generation") {
  const auto asked = REQUIRE_OK(what_if(view_of(R"({"matmul_warm": 5000, "nop": 7})")));
  for (int id = 0; id < isa::kArchs; ++id) {
    const auto arch = static_cast<isa::ArchId>(id);
    Bench bench(arch);
    bench.add(Engine::Tensor, product(512));
    const auto loaded = REQUIRE_OK(load(bench.program));
    const Clock warm{0, std::vector<ThrottleTime>{{0, 8, 8}}};
    Clock slow = warm;
    slow.constants = asked;
    const auto before = REQUIRE_OK(schedule(*loaded, warm)).span_ps;
    const auto longer = REQUIRE_OK(schedule(*loaded, slow)).span_ps;
    CHECK(longer > before + 4'000'000);
    CHECK(REQUIRE_OK(schedule(*loaded, warm)).span_ps == before);
    CHECK(sim::timing(arch, asked).engines.costs.nop == 7);
    CHECK(constants(arch).size() == constants(isa::ArchId::V3).size());
  }
  CHECK(what_if(view_of(R"({"matmul_worm": 1})")).error().message ==
        "no constant 'matmul_worm'; did you mean 'matmul_warm'?");
}

TEST_CASE("a core of Inferentia1 streams no faster than its device's memory") {
  const Timing v1 = sim::timing(isa::ArchId::V1);
  CHECK(v1.engines.arch.hbm_bytes_per_ns * 4 == Approx(50));  // four cores
  CHECK(v1.engines.arch.hbm_bytes_per_ns * v1.machine.hbm_alone == Approx(50));
}

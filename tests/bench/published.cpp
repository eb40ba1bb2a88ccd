// SPDX-License-Identifier: Apache-2.0
// Kernels whose times are published, as programs of our own: predicted against measured. The
// numbers are those of the public NKI tutorials, guides and library tests; screenshots are read to
// their last digit. Rows that say "engine" leave out the kernel's DMA, which the publication hides
// behind the tensor engine.
//   bench_published
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <ctime>
#include <functional>
#include <vector>

#include "sim/clock.h"

using namespace neuron;
using isa::Engine;

namespace {

isa::Pattern row(std::uint32_t start, std::uint16_t count) {
  return {start, {1, 0, 0, 0}, {count, 1, 1, 1}};
}

/// A program that grows, and its schedule.
struct Kernel {
  explicit Kernel(isa::ArchId arch) {
    program.arch = arch;
    program.name = "published";
    program.variables = {{"SB", sim::Storage::Local, 0}, {"hbm", sim::Storage::Device, 1u << 30}};
    program.queues.push_back({"q", sim::QueueKind::Static, Engine::Sync, 16});
  }
  template <class Op>
  Kernel& add(Engine engine, const Op& op, isa::Sync sync = {}) {
    program.streams[static_cast<std::size_t>(engine)].push_back(isa::encode(sync, op));
    return *this;
  }
  sim::Schedule schedule() const {
    auto loaded = sim::load(program);
    if (!loaded) fmt::print(stderr, "{}\n", loaded.error().message), std::exit(1);
    auto when = sim::schedule(**loaded, {});
    if (!when) fmt::print(stderr, "{}\n", when.error().message), std::exit(1);
    return *std::move(when);
  }
  sim::Program program;
};

/// One nc_matmul: `rows` rows of weights of `columns` columns, `moving` columns stream.
void multiply(Kernel& k, DType type, unsigned rows, unsigned columns, unsigned moving,
              unsigned passes = 1) {
  const auto groups = [](unsigned lines) {
    return static_cast<std::uint8_t>((1u << ((lines + 31) / 32)) - 1);
  };
  for (unsigned pass = 1; pass <= passes; ++pass) {
    isa::ldweights w;
    w.src = row(0, static_cast<std::uint16_t>(columns));
    w.src_type = type;
    w.fp32_mode = static_cast<std::uint8_t>(passes == 1 ? 0 : pass);
    w.rows = static_cast<std::uint8_t>(rows);
    w.columns = static_cast<std::uint8_t>(columns);
    w.row_groups = groups(rows);
    w.column_groups = groups(columns);
    isa::matmul m;
    m.src = row(4096, static_cast<std::uint16_t>(moving));
    m.dst = row(isa::kPsumBase, static_cast<std::uint16_t>(moving));
    m.src_type = type;
    m.dst_type = DType::Float32;
    m.rows = w.rows, m.columns = w.columns;
    m.row_groups = w.row_groups, m.column_groups = w.column_groups;
    m.fp32_mode = static_cast<std::uint8_t>(passes == 1 ? 0 : 3);
    m.acc_flags = 3;
    k.add(Engine::Tensor, w).add(Engine::Tensor, m);
  }
}

Kernel many_products(isa::ArchId arch, DType type, unsigned count, unsigned passes = 1) {
  Kernel k(arch);
  for (unsigned i = 0; i < count; ++i) multiply(k, type, 128, 128, 512, passes);
  return k;
}

isa::activate function(isa::Activation f, std::uint16_t count) {
  isa::activate a;
  a.src = row(0, count);
  a.dst = row(65536, count);
  a.src_type = a.dst_type = a.bias_type = DType::Float32;
  a.partitions = 128;
  a.bias_is_value = 1;
  a.scale = 1;
  a.function = f;
  return a;
}

isa::tensor_tensor sum_of(std::uint16_t count, std::uint8_t partitions) {
  isa::tensor_tensor t;
  t.lhs = row(0, count), t.rhs = row(65536, count), t.dst = row(131072, count);
  t.lhs_type = t.rhs_type = t.dst_type = DType::Float32;
  t.op = isa::Alu::Add;
  t.partitions = partitions;
  return t;
}

/// `count` loads of 128 rows of `bytes` each, one after the other on one queue.
Kernel loads(isa::ArchId arch, unsigned count, std::int64_t bytes) {
  Kernel k(arch);
  for (unsigned i = 0; i < count; ++i) {
    sim::Transfer t;
    t.id = i;
    t.semaphore = {9};
    sim::Descriptor d;
    const std::int64_t at = std::int64_t{i} * 128 * bytes % (1 << 29);
    d.from.push_back({{1}, at, {1, bytes, 0, 0}, {bytes, 128, 1, 1}, DType::UInt8});
    d.to = {{0}, 0, {1, isa::kPartitionStride, 0, 0}, {bytes, 128, 1, 1}, DType::UInt8};
    t.descriptors.push_back(d);
    k.program.transfers[static_cast<std::size_t>(Engine::Sync)].push_back(t);
    isa::pseudo_dma_trigger trigger;
    trigger.queue = "q";
    trigger.dma_id = i;
    k.add(Engine::Sync, trigger);
  }
  return k;
}

using Measure = double (*)(const sim::Schedule&);
double span(const sim::Schedule& s) { return static_cast<double>(s.span_ps) / 1e3; }
double total(const sim::Schedule& s) { return static_cast<double>(s.total_ps) / 1e3; }
double last_duration(const sim::Schedule& s) {
  const auto& last = s.instructions.back();
  return static_cast<double>(last.end_ps - last.begin_ps) / 1e3;
}
double interval(const sim::Schedule& s) {
  const auto& a = s.instructions[s.instructions.size() - 2];
  return static_cast<double>(s.instructions.back().begin_ps - a.begin_ps) / 1e3;
}
/// First packet to the last.
double moving(const sim::Schedule& s) {
  std::uint64_t first = UINT64_MAX, last = 0;
  for (const sim::PacketTime& p : s.packets) {
    first = std::min(first, p.begin_ps);
    last = std::max(last, p.end_ps);
  }
  return static_cast<double>(last - first) / 1e3;
}

struct Row {
  const char* what;
  double measured_ns;
  Measure measure;
  std::function<Kernel()> kernel;
};

std::vector<Row> rows() {
  using isa::ArchId;
  constexpr auto kHalf = DType::BFloat16, kWhole = DType::Float32;
  const auto one = [](ArchId arch, Engine engine, auto op) {
    return [=] { return Kernel(arch).add(engine, op); };
  };
  const auto product = [](ArchId arch, unsigned columns, unsigned count) {
    return [=] {
      Kernel k(arch);
      multiply(k, DType::BFloat16, 128, columns, count);
      return k;
    };
  };
  return {
      {"v2 ACTIVATE, 1 element", 159, last_duration,
       one(ArchId::V2, Engine::Scalar, function(isa::Activation::Exp, 1))},
      {"v2 ACTIVATE, 1 element, start to start", 189, interval,
       [] {
         Kernel k(ArchId::V2);
         for (int i = 0; i < 8; ++i) k.add(Engine::Scalar, function(isa::Activation::Exp, 1));
         return k;
       }},
      {"v2 TENSOR_TENSOR float32, 8192 elements, 64 rows", 14968, last_duration,
       one(ArchId::V2, Engine::Vector, sum_of(8192, 64))},
      {"v2 MATMUL, 128 columns move, 1 column of weights", 188, last_duration,
       product(ArchId::V2, 1, 128)},
      {"v2 matmul 4096x8192x8192 bf16, best kernel, total", 6.97e6, total,
       [] { return many_products(ArchId::V2, kHalf, 32768); }},
      {"v3 EXP, 4096 elements", 3715, last_duration,
       one(ArchId::V3, Engine::Scalar, function(isa::Activation::Exp, 4096))},
      {"v3 EXP, 128 elements", 400, last_duration,
       one(ArchId::V3, Engine::Scalar, function(isa::Activation::Exp, 128))},
      {"v3 ACT_TABLE_LOAD", 1290, last_duration,
       one(ArchId::V3, Engine::Scalar, isa::act_table_load{})},
      {"v3 2048 nc_matmul 128x128x512 bf16", 445100, span,
       [] { return many_products(ArchId::V3, kHalf, 2048); }},
      {"v3 512 each of M=32, N=64, K=32, full", 453000, span,
       [] {
         Kernel k(ArchId::V3);
         for (int i = 0; i < 512; ++i) multiply(k, kHalf, 128, 32, 512);
         for (int i = 0; i < 512; ++i) multiply(k, kHalf, 128, 128, 64);
         for (int i = 0; i < 512; ++i) multiply(k, kHalf, 32, 128, 512);
         for (int i = 0; i < 512; ++i) multiply(k, kHalf, 128, 128, 512);
         return k;
       }},
      {"v3 matmul 4096x4096x4096 bf16, engine", 1.781e6, span,
       [] { return many_products(ArchId::V3, kHalf, 8192); }},
      {"v3 the same, total", 1.801e6, total, [] { return many_products(ArchId::V3, kHalf, 8192); }},
      {"v3 matmul 4096x8192x8192 float32, engine", 28.16e6, span,
       [] { return many_products(ArchId::V3, kWhole, 32768, 2); }},
      {"v3 the same, total", 28.30e6, total,
       [] { return many_products(ArchId::V3, kWhole, 32768, 2); }},
      {"v3 DMA of 32 times 128 rows of 1 KiB", 16000, moving,
       [] { return loads(ArchId::V3, 32, 1024); }},
      {"v3 DMA of 32 times 128 rows of 4 KiB", 47000, moving,
       [] { return loads(ArchId::V3, 32, 4096); }},
      {"v3 81.8 MB of weights, total", 224500, total, [] { return loads(ArchId::V3, 156, 4096); }},
      {"v3 40.9 MB of weights, total", 118400, total, [] { return loads(ArchId::V3, 78, 4096); }},
  };
}

/// How fast the schedule itself is, on a million instructions of two engines that wait for each
/// other.
void print_speed() {
  Kernel k(isa::ArchId::V3);
  constexpr int kPairs = 250000;
  for (int i = 0; i < kPairs; ++i) {
    multiply(k, DType::BFloat16, 128, 128, 128);
    isa::copy out;
    out.src = row(isa::kPsumBase, 128);
    out.dst = row(65536, 128);
    out.src_type = out.dst_type = DType::Float32;
    out.partitions = 128;
    const auto turn = static_cast<std::uint32_t>(i + 1);
    k.add(Engine::Tensor, isa::nop{}, {.update_mode = isa::kIncrement, .update_semaphore = 3});
    k.add(Engine::Vector, out,
          {.wait_mode = isa::kWaitGreaterEqual, .wait_semaphore = 3, .wait_value = turn});
  }
  auto loaded = sim::load(std::move(k.program));
  if (!loaded) return fmt::print("{}\n", loaded.error().message);
  const std::clock_t begin = std::clock();
  const auto when = sim::schedule(**loaded, {});
  const double seconds = static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
  fmt::print("a schedule of {} instructions takes {:.2f} s of one processor\n",
             when ? when->instructions.size() : 0, seconds);
}

}  // namespace

int main() {
  fmt::print("{:52} {:>12} {:>12} {:>8}\n", "kernel", "measured ns", "predicted", "error");
  std::vector<double> errors;
  for (const Row& r : rows()) {
    const double ours = r.measure(r.kernel().schedule());
    const double error = (ours / r.measured_ns - 1) * 100;
    errors.push_back(std::abs(error));
    fmt::print("{:52} {:12.0f} {:12.0f} {:+7.1f}%\n", r.what, r.measured_ns, ours, error);
  }
  std::sort(errors.begin(), errors.end());
  fmt::print("median of the absolute errors: {:.1f} %, worst {:.1f} %\n", errors[errors.size() / 2],
             errors.back());
  print_speed();
}

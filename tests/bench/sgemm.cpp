// SPDX-License-Identifier: Apache-2.0
// Matrix products of a plan beside the host's best sgemm, one thread each, in turns in one run:
//   bench_sgemm [LIBRARY with cblas_sgemm] [TURNS]
// The product is 2048 x 1024 times 1024 x 2048 in float32, both sides in SBUF. OpenBLAS may take
// slow kernels for a processor newer than itself: set OPENBLAS_CORETYPE and OPENBLAS_NUM_THREADS=1.
#include <dlfcn.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <ctime>
#include <random>

#include "sim/plan.h"

using namespace neuron;
using isa::Engine;

namespace {

constexpr unsigned kInner = 1024, kOuter = 2048, kStream = 512, kArray = 128;
constexpr std::uint32_t kMoving = kInner / kArray * kOuter * 4;  ///< weights lie before it
constexpr std::uint32_t kOut = 2 * kMoving;
constexpr double kFlops = 2.0 * kInner * kOuter * kOuter;

isa::Pattern row(std::uint32_t start, std::uint16_t count) {
  return {start, {1, 0, 0, 0}, {count, 1, 1, 1}};
}
/// LDWEIGHTS reads a row from its last column.
isa::Pattern row_backwards(std::uint32_t start, std::uint16_t count) {
  return {start + 4u * (count - 1u), {-1, 0, 0, 0}, {count, 1, 1, 1}};
}

/// Semaphore `telling` grows when the instruction is done; it waits for `waiting` to be `value`.
isa::Sync sync(std::uint8_t waiting, std::uint32_t value, std::uint8_t telling) {
  isa::Sync s;
  if (waiting) s.wait_mode = isa::kWaitGreaterEqual, s.wait_semaphore = waiting;
  s.wait_value = value;
  if (telling) s.update_mode = isa::kIncrement, s.update_semaphore = telling;
  return s;
}
constexpr std::uint8_t kSummed = 1, kTaken = 2;  ///< semaphores

/// The i-th block of the result: 128 columns of the weights by 512 that move, taken to SBUF.
void add_block(sim::Program& program, std::uint32_t i) {
  constexpr unsigned kTerms = kInner / kArray;
  const unsigned m = i / (kOuter / kStream) * kArray, n = i % (kOuter / kStream) * kStream;
  auto& tensor = program.streams[static_cast<std::size_t>(Engine::Tensor)];
  for (unsigned k = 0; k < kTerms; ++k) {
    isa::ldweights w;
    w.src = row_backwards((k * kOuter + m) * 4, kArray);
    w.src_type = DType::Float32;
    w.rows = w.columns = kArray;
    w.row_groups = w.column_groups = 15;
    isa::matmul x;
    x.src = row(kMoving + (k * kOuter + n) * 4, kStream);
    x.dst = row(isa::kPsumBase, kStream);
    x.src_type = x.dst_type = DType::Float32;
    x.rows = x.columns = kArray;
    x.row_groups = x.column_groups = 15;
    x.acc_flags = static_cast<std::uint8_t>((k == 0 ? 1 : 0) | (k + 1 == kTerms ? 2 : 0));
    tensor.push_back(isa::encode({}, w));
    tensor.push_back(isa::encode(
        sync(k == 0 ? kTaken : 0, i, static_cast<std::uint8_t>(k + 1 == kTerms ? kSummed : 0)), x));
  }
  isa::copy c;
  c.src = row(isa::kPsumBase, kStream);
  c.dst = row(kOut, kStream);
  c.src_type = c.dst_type = DType::Float32;
  c.partitions = kArray;
  program.streams[static_cast<std::size_t>(Engine::Vector)].push_back(
      isa::encode(sync(kSummed, i + 1, kTaken), c));
}

sim::Program product() {
  sim::Program program;
  program.arch = isa::ArchId::V3;
  program.name = "sgemm";
  program.variables = {{"SB", sim::Storage::Local, 0}};
  for (std::uint32_t i = 0; i < kOuter / kArray * (kOuter / kStream); ++i) add_block(program, i);
  return program;
}

/// Seconds of processor time of one call.
template <class Call>
double seconds_of(Call call) {
  const std::clock_t begin = std::clock();
  call();
  return static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
}

void fill(sim::Core& core) {
  std::mt19937 random(1);
  std::uniform_real_distribution<float> pick(-1, 1);
  for (unsigned p = 0; p < kArray; ++p) {
    auto row = core.memory().subspan(std::size_t{p} * isa::kPartitionStride, kOut);
    for (std::size_t at = 0; at < row.size(); at += sizeof(float))
      neuron::store(row, at, pick(random));
  }
}

/// cblas_sgemm of row-major matrices.
using Sgemm = void (*)(int order, int trans_a, int trans_b, int m, int n, int k, float alpha,
                       const float* a, int a_step, const float* b, int b_step, float beta, float* c,
                       int c_step);
Sgemm sgemm_of(const char* library) {
  void* handle = dlopen(library, RTLD_NOW);
  if (!handle) return fmt::print(stderr, "{}\n", dlerror()), nullptr;
  return reinterpret_cast<Sgemm>(dlsym(handle, "cblas_sgemm"));
}

}  // namespace

int main(int argc, char** argv) {
  setenv("NEURON_SIM_THREADS", "1", 1);
  const Sgemm sgemm = sgemm_of(argc > 1 ? argv[1] : "libopenblas.so.0");
  if (!sgemm) return 1;
  auto loaded = sim::load(product());
  if (!loaded) return fmt::print(stderr, "{}\n", loaded.error().message), 1;
  auto plan = sim::make_plan(**loaded);
  if (!plan) return fmt::print(stderr, "{}\n", plan.error().message), 1;
  sim::Core core(isa::ArchId::V3);
  fill(core);
  std::vector<float> a(kOuter * kInner, 0.5f), b(kInner * kOuter, 0.25f), c(kOuter * kOuter);
  double ours = 1e9, theirs = 1e9;
  for (int i = argc > 2 ? std::atoi(argv[2]) : 10; i > 0; --i) {
    ours = std::min(ours, seconds_of([&] { (void)sim::run(**plan, core, {}); }));
    theirs = std::min(theirs, seconds_of([&] {
                        sgemm(101, 111, 111, kOuter, kOuter, kInner, 1, a.data(), kInner, b.data(),
                              kOuter, 0, c.data(), kOuter);
                      }));
  }
  fmt::print("plan {:.1f} GFLOP/s, sgemm {:.1f} GFLOP/s: {:.1f} %\n", kFlops / ours / 1e9,
             kFlops / theirs / 1e9, theirs / ours * 100);
}

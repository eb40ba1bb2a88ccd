// SPDX-License-Identifier: Apache-2.0
// Packages of several stages under requests that follow each other.
#include <atomic>
#include <map>
#include <thread>

#include "base/json.h"
#include "nrt/nrt_sys_trace.h"
#include "tests/ops/harness.h"

using namespace neuron;
using namespace neuron::test;

namespace {

constexpr std::uint32_t kStages = 3;
constexpr std::int64_t kSide = 128;
constexpr std::size_t kBytes = kSide * kSide * sizeof(float);

/// Twelve products, each with weights of its own, in stages.
Builder products() {
  Builder b;
  ValueId at = b.input(noise({kSide, kSide}, 1));
  for (unsigned i = 0; i < 4 * kStages; ++i)
    at = b.node("MatMul", {at, b.constant(noise({kSide, kSide}, 2 + i, -0.1F, 0.1F))},
                {kSide, kSide});
  b.graph.outputs = {at};
  return b;
}

struct Names {
  std::string in, out;
};

/// Executes a model `count` times with memory of its own; how often the result was not `expected`.
int executed(nrt_model_t* model, const Names& names, const Builder& b, ByteView expected,
             int count) {
  nrt_tensor_t *x = nullptr, *y = nullptr;
  nrt_tensor_set_t *in = nullptr, *out = nullptr;
  nrt_tensor_allocate(NRT_TENSOR_PLACEMENT_HOST, 0, kBytes, "x", &x);
  nrt_tensor_allocate(NRT_TENSOR_PLACEMENT_HOST, 0, kBytes, "y", &y);
  nrt_allocate_tensor_set(&in);
  nrt_allocate_tensor_set(&out);
  nrt_add_tensor_to_tensor_set(in, names.in.c_str(), x);
  nrt_add_tensor_to_tensor_set(out, names.out.c_str(), y);
  nrt_tensor_write(x, b.data[0].bytes.data(), 0, kBytes);
  int wrong = 0;
  for (int i = 0; i < count; ++i) {
    Bytes got(kBytes);
    const bool ran = nrt_execute(model, in, out) == NRT_SUCCESS;
    nrt_tensor_read(y, got.data(), 0, kBytes);
    wrong += !ran || !std::equal(got.begin(), got.end(), expected.begin(), expected.end());
  }
  nrt_destroy_tensor_set(&in);
  nrt_destroy_tensor_set(&out);
  nrt_tensor_free(&x);
  nrt_tensor_free(&y);
  return wrong;
}

/// Failures of that from `threads` threads at once.
int executed_by(int threads, nrt_model_t* model, const Names& names, const Builder& b,
                ByteView expected, int count) {
  std::atomic<int> wrong{0};
  std::vector<std::thread> workers;
  for (int t = 0; t < threads; ++t)
    workers.emplace_back([&] { wrong += executed(model, names, b, expected, count); });
  for (std::thread& worker : workers) worker.join();
  return wrong;
}

/// When each core was at work, in the order of time.
struct Work {
  std::uint32_t core = 0;
  std::uint64_t begin_ns = 0, end_ns = 0;
};
std::vector<Work> recorded() {
  char* text = nullptr;
  std::size_t size = 0;
  REQUIRE(nrt_sys_trace_fetch_events(&text, &size, nullptr) == NRT_SUCCESS);
  const Json all = REQUIRE_OK(json::parse(view_of(std::string_view(text))));
  nrt_sys_trace_buffer_free(text);
  std::map<std::uint64_t, Work> open;
  std::vector<Work> out;
  for (const Json& event : all.at("events")) {
    if (event.at("event_type") != "nc_exec_running") continue;
    const auto id = event.at("tracking_id").get<std::uint64_t>();
    const auto at = event.at("timestamp_ns").get<std::uint64_t>();
    const bool starts = event.at("phase") == "start";
    if (starts) open[id] = {event.at("data").at("nc_idx").get<std::uint32_t>(), at, 0};
    if (starts || !open.count(id)) continue;
    open[id].end_ns = at;
    out.push_back(open[id]);
  }
  return out;
}

/// How often each core worked, and how often it began while the core before it was at work on
/// another request.
struct Counts {
  std::map<std::uint32_t, int> runs, overlaps;
};
Counts counts_of(const std::vector<Work>& work) {
  Counts out;
  for (const Work& a : work) {
    ++out.runs[a.core];
    for (const Work& b : work)
      out.overlaps[a.core] +=
          b.core + 1 == a.core && b.begin_ns < a.end_ns && a.begin_ns < b.end_ns;
  }
  return out;
}

}  // namespace

// Stage by stage, one request cannot use two cores at the same time: where two cores are at work at
// once, they are at work for two requests. A few rounds are allowed, because a busy host may let
// the threads run one after another.
TEST_CASE("stages of a pipeline work on requests that follow each other at the same time") {
  const Builder b = products();
  compile::Options options;
  options.target = isa::find_target("trn1");
  options.pipeline_cores = kStages;
  std::vector<std::string> warnings;
  const neff::Package package = REQUIRE_OK(compile::lower(b.graph, options, warnings));
  CHECK(package.header.num_tpb == kStages);
  const Tensor expected = REQUIRE_OK(execute(package, b.data))[0];
  const Bytes bytes = REQUIRE_OK(neff::bytes_of(package, neff::Compression::None));
  nrt_model_t* model = nullptr;
  REQUIRE(nrt_load(bytes.data(), bytes.size(), -1, -1, &model) == NRT_SUCCESS);
  const Names names{b.graph.value(b.graph.inputs[0]).name, b.graph.value(b.graph.outputs[0]).name};

  constexpr int kThreads = 3, kRequests = 20, kMostRounds = 50;
  Counts total;
  bool all_overlap = false;
  for (int round = 0; round < kMostRounds && !all_overlap; ++round) {
    REQUIRE(nrt_sys_trace_start(nullptr) == NRT_SUCCESS);
    CHECK(executed_by(kThreads, model, names, b, expected.bytes, kRequests) == 0);
    REQUIRE(nrt_sys_trace_stop() == NRT_SUCCESS);
    const Counts now = counts_of(recorded());
    for (const auto& [core, runs] : now.runs) CHECK(runs == kThreads * kRequests);
    for (const auto& [core, overlaps] : now.overlaps) total.overlaps[core] += overlaps;
    total.runs = now.runs;
    all_overlap = total.overlaps.size() == kStages &&
                  std::count_if(total.overlaps.begin(), total.overlaps.end(),
                                [](const auto& c) { return c.second > 0; }) == kStages - 1;
  }
  CHECK(total.runs.size() == kStages);
  CHECK(all_overlap);
  CHECK(nrt_unload(model) == NRT_SUCCESS);
}

// SPDX-License-Identifier: Apache-2.0
// Models of several nodes: subgraphs on cores of their own, CPU nodes between them, stagings.
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <functional>
#include <thread>

#include "base/digest.h"
#include "base/json.h"
#include "nrt/failure.h"
#include "nrt/model.h"
#include "nrt/nrt.h"
#include "nrt/nrt_experimental.h"
#include "nrt/nrt_sys_trace.h"
#include "nrt/profile.h"
#include "tests/conformance.h"
#include "tests/unit/nrt/graph_package.h"
#include "tests/unit/ntff/sample.h"

using namespace graph_package;

namespace {

/// A variable of the environment for one test.
struct Setting {
  const char* name;
  Setting(const char* n, const char* value) : name(n) { ::setenv(n, value, 1); }
  ~Setting() { ::unsetenv(name); }
};

/// The runtime on a few cores, one model and its tensors.
struct Run {
  nrt_model_t* model = nullptr;
  nrt_tensor_t *x = nullptr, *y = nullptr;
  nrt_tensor_set_t *in = nullptr, *out = nullptr;
  NRT_STATUS loaded;

  explicit Run(const Bytes& neff, int vnc = -1, int count = -1) {
    Setting cores("NEURON_RT_NUM_CORES", "4");
    REQUIRE(nrt_init(NRT_FRAMEWORK_TYPE_NO_FW, "", "") == NRT_SUCCESS);
    loaded = nrt_load(neff.data(), neff.size(), vnc, count, &model);
    if (loaded == NRT_SUCCESS) make_tensors(std::max(0, vnc));
  }
  void make_tensors(int vnc) {
    REQUIRE(nrt_tensor_allocate(NRT_TENSOR_PLACEMENT_DEVICE, vnc, kBytes, "x", &x) == NRT_SUCCESS);
    REQUIRE(nrt_tensor_allocate(NRT_TENSOR_PLACEMENT_DEVICE, vnc, kBytes, "y", &y) == NRT_SUCCESS);
    nrt_allocate_tensor_set(&in);
    nrt_allocate_tensor_set(&out);
    nrt_add_tensor_to_tensor_set(in, "x", x);
    nrt_add_tensor_to_tensor_set(out, "y", y);
    std::vector<float> numbers(kFloats);
    for (std::size_t i = 0; i < numbers.size(); ++i) numbers[i] = static_cast<float>(i);
    nrt_tensor_write(x, numbers.data(), 0, kBytes);
  }
  ~Run() {
    nrt_tensor_free(&x);
    nrt_tensor_free(&y);
    nrt_destroy_tensor_set(&in);
    nrt_destroy_tensor_set(&out);
    nrt_close();
  }
  NRT_STATUS execute() { return nrt_execute(model, in, out); }
  float result(std::size_t i) const { return static_cast<float*>(nrt_tensor_get_va(y))[i]; }
};

/// What the newest dump of the allocation log says; it is removed.
std::string allocation_log() {
  std::string text;
  for (const auto& entry : fs::directory_iterator("/tmp"))
    if (entry.path().filename().string().starts_with("neuron_mem_log_device_0_hbm_0_")) {
      std::ifstream in(entry.path());
      std::getline(in, text, char{});
      fs::remove(entry.path());
    }
  return text;
}

double milliseconds(const std::function<void()>& work) {
  const auto begin = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin)
      .count();
}

/// Failures of `rounds` executions by each of `threads`, every thread with an output of its own.
int executed_by(Run& run, int threads, int rounds) {
  std::atomic<int> failures{0};
  const auto work = [&] {
    nrt_tensor_t* y = nullptr;
    nrt_tensor_set_t* out = nullptr;
    nrt_tensor_allocate(NRT_TENSOR_PLACEMENT_DEVICE, 0, kBytes, "y", &y);
    nrt_allocate_tensor_set(&out);
    nrt_add_tensor_to_tensor_set(out, "y", y);
    for (int i = 0; i < rounds; ++i)
      failures += nrt_execute(run.model, run.in, out) != NRT_SUCCESS ||
                  static_cast<float*>(nrt_tensor_get_va(y))[3] != 7.0f;
    nrt_destroy_tensor_set(&out);
    nrt_tensor_free(&y);
  };
  std::vector<std::thread> workers;
  for (int t = 0; t < threads; ++t) workers.emplace_back(work);
  for (std::thread& worker : workers) worker.join();
  return failures;
}

}  // namespace

TEST_CASE("subgraphs of one node run on cores of their own and pass tensors on") {
  Run run(bytes_of(two_subgraphs()));
  REQUIRE(run.loaded == NRT_SUCCESS);
  std::uint32_t cores = 0;
  CHECK(nrt_get_model_nc_count(run.model, &cores) == NRT_SUCCESS);
  CHECK(cores == 2);
  CHECK(run.execute() == NRT_SUCCESS);
  CHECK(run.result(77) == 77.0f);
}

TEST_CASE("a capture of ours, written and read back, loses nothing") {
  Run run(bytes_of(two_subgraphs()));
  REQUIRE(run.loaded == NRT_SUCCESS);
  REQUIRE(run.execute() == NRT_SUCCESS);
  const ntff::Trace trace = REQUIRE_OK(nrt::trace_of(*run.model));
  REQUIRE(trace.cores.size() == 2);
  CHECK(!trace.cores[0].instructions.empty());
  CHECK(!trace.cores[1].dma.empty());
  for (const auto framing : {ntff::Framing::None, ntff::Framing::Zstd}) {
    const ntff::Trace back = REQUIRE_OK(ntff::parse(ntff::bytes_of(trace, framing)));
    CHECK(back.oddities.empty());
    ntff::check_nothing_lost(trace, back);
  }
}

TEST_CASE("events of an execution name its logical core, not the first of its NeuronCores") {
  neff::BuildInfo options;
  options.lnc_size = 2;
  const auto package = REQUIRE_OK(neff::package_of(two_subgraphs(), options));
  Run run(REQUIRE_OK(neff::bytes_of(package, neff::Compression::None)), 1);
  REQUIRE(run.loaded == NRT_SUCCESS);
  REQUIRE(nrt_sys_trace_start(nullptr) == NRT_SUCCESS);
  CHECK(run.execute() == NRT_SUCCESS);
  char* text = nullptr;
  std::size_t size = 0;
  REQUIRE(nrt_sys_trace_fetch_events(&text, &size, nullptr) == NRT_SUCCESS);
  CHECK(nrt_sys_trace_stop() == NRT_SUCCESS);
  const Json events = Json::parse(text, text + size).at("events");
  nrt_sys_trace_buffer_free(text);
  int running = 0;
  for (const Json& event : events) {
    CHECK(event.at("data").at("nc_idx") == 1);
    running += event.at("event_type") == "nc_exec_running";
  }
  CHECK(running == 2);
}

TEST_CASE("a model may be staged several times, and says so") {
  Run run(bytes_of(two_subgraphs()), 0, 4);
  REQUIRE(run.loaded == NRT_SUCCESS);
  std::uint32_t copies = 0;
  CHECK(nrt_get_model_instance_count(run.model, &copies) == NRT_SUCCESS);
  CHECK(copies == 2);
  for (int i = 0; i < 3; ++i) CHECK(run.execute() == NRT_SUCCESS);
  CHECK(run.result(5) == 5.0f);
}

TEST_CASE("a model that needs more cores than there are is refused with the facts") {
  const Bytes neff = bytes_of(two_subgraphs());
  Run run(neff, 0, 8);
  CHECK(run.loaded == NRT_LOAD_NOT_ENOUGH_NC);
  CHECK(neuron::nrt::last_failure().message.find("two needs 8 NeuronCores, 4 are visible") == 0);
  nrt_model_t* model = nullptr;
  CHECK(nrt_load(neff.data(), neff.size(), 3, -1, &model) == NRT_INVALID);
  CHECK(nrt_load(neff.data(), neff.size(), 0, 3, &model) == NRT_INVALID);
  CHECK(nrt_load(neff.data(), neff.size(), 2, -1, &model) == NRT_SUCCESS);
}

TEST_CASE("tensors must lie on a core of their model") {
  Run run(bytes_of(two_subgraphs()), 2);
  REQUIRE(run.loaded == NRT_SUCCESS);
  CHECK(run.execute() == NRT_SUCCESS);
  nrt_tensor_t* elsewhere = nullptr;
  nrt_tensor_allocate(NRT_TENSOR_PLACEMENT_DEVICE, 0, kBytes, "x", &elsewhere);
  nrt_add_tensor_to_tensor_set(run.in, "x", elsewhere);
  CHECK(run.execute() == NRT_INVALID);
  CHECK(neuron::nrt::last_failure().message ==
        "Tensor x allocated on logical nc 0 must be allocated on same nc as model (2 to 3)");
  nrt_tensor_free(&elsewhere);
}

TEST_CASE("machine code of a package runs only when the user trusts it") {
  const Bytes neff = bytes_of(sandwich(1), sandwich_source());
  {
    Run run(neff);
    CHECK(run.loaded == NRT_INVALID);
    CHECK(neuron::nrt::last_failure().message.find("NEURON_RT_ALLOW_CPU_NODES=1") !=
          std::string::npos);
  }
  {
    Setting allow("NEURON_RT_ALLOW_CPU_NODES", "1");
    Run run(neff);
    REQUIRE(run.loaded == NRT_SUCCESS);
    CHECK(run.execute() == NRT_SUCCESS);
    CHECK(run.result(10) == 21.0f);
  }
  const auto package = REQUIRE_OK(neff::parse(neff));
  std::string sum;
  for (const std::byte b : sha256(package.find("cpu.so")->bytes))
    sum += fmt::format("{:02x}", static_cast<unsigned>(b));
  const fs::path list = fs::temp_directory_path() / fmt::format("trust_{}", ::getpid());
  std::ofstream(list) << "# mine\n" << sum << "\n";
  {
    Setting trust("NEURON_RT_TRUSTED_CPU_NODES", list.c_str());
    Run run(neff);
    CHECK(run.loaded == NRT_SUCCESS);
  }
  fs::remove(list);
}

TEST_CASE("a CPU node that fails names itself, and one that is missing too") {
  Setting allow("NEURON_RT_ALLOW_CPU_NODES", "1");
  {
    Run run(
        bytes_of(sandwich(1), "int twice(void) { return 3; } int plus_one(void) { return 0; }"));
    REQUIRE(run.loaded == NRT_SUCCESS);
    CHECK(run.execute() == NRT_EXEC_COMPLETED_WITH_ERR);
    CHECK(neuron::nrt::last_failure().message == "CPU node twice returned 3");
  }
  Run run(bytes_of(sandwich(1), "int twice(void) { return 3; }"));
  CHECK(run.loaded == NRT_INVALID);
  CHECK(neuron::nrt::last_failure().message == "cpu.so has no function plus_one");
}

// The guide's picture: CPU nodes before and after a NeuronCore node. The second execution leaves
// its first CPU node only when the first is in its last one, which ends only when the second is
// there, too: the second uses the core while the first computes on the CPU, or both fail.
TEST_CASE("executions of several threads overlap where they hold no core") {
  Setting allow("NEURON_RT_ALLOW_CPU_NODES", "1");
  Run run(bytes_of(sandwich(1),
                   sandwich_source("if (twices++ == 1 && reached(&plus_ones, 1)) return 8;",
                                   "plus_ones++; if (reached(&plus_ones, 2)) return 8;")));
  REQUIRE(run.loaded == NRT_SUCCESS);
  CHECK(executed_by(run, 2, 1) == 0);
}

TEST_CASE("executions of one thread and of three: sleeps of 4 ms around a core") {
  if (!std::getenv("NEURON_BENCH")) {
    fmt::print("skipped: only measures what overlap gains; NEURON_BENCH=1 asks for it\n");
    return;
  }
  Setting allow("NEURON_RT_ALLOW_CPU_NODES", "1");
  Run run(bytes_of(sandwich(50), sandwich_source("usleep(4000);", "usleep(4000);")));
  REQUIRE(run.loaded == NRT_SUCCESS);
  const double one = milliseconds([&] { CHECK(executed_by(run, 1, 60) == 0); });
  const double three = milliseconds([&] { CHECK(executed_by(run, 3, 20) == 0); });
  fmt::print("60 executions: {:.1f} ms by one thread, {:.1f} by three: {:.2f} times\n", one, three,
             one / three);
}

TEST_CASE("an execution that takes too long fails with a time-out") {
  Setting allow("NEURON_RT_ALLOW_CPU_NODES", "1"), limit("NEURON_RT_EXEC_TIMEOUT", "0");
  Run run(bytes_of(sandwich(1), sandwich_source()));
  REQUIRE(run.loaded == NRT_SUCCESS);
  CHECK(run.execute() == NRT_TIMEOUT);
}

TEST_CASE("NaN in an output is an error when the user asks") {
  const std::uint32_t nan = 0x7fc00000;
  for (const char* value : {"0", "1"}) {
    Setting flag("NEURON_FAIL_ON_NAN", value);
    Run run(bytes_of(two_subgraphs()));
    nrt_tensor_write(run.x, &nan, 40, 4);
    CHECK(run.execute() == (*value == '1' ? NRT_EXEC_COMPLETED_WITH_NUM_ERR : NRT_SUCCESS));
  }
}

TEST_CASE("a package whose hash is wrong is refused only when hashes are checked") {
  Bytes neff = bytes_of(two_subgraphs());
  neff[offsetof(neff::Header, hash)] ^= std::byte{1};
  CHECK(Run(neff).loaded == NRT_SUCCESS);
  Setting validate("NEURON_RT_VALIDATE_HASH", "1");
  CHECK(Run(neff).loaded == NRT_INVALID);
}

TEST_CASE("features and versions that are not known are refused with both numbers") {
  Bytes neff = bytes_of(two_subgraphs());
  store(std::span(neff), offsetof(neff::Header, feature_bits), std::uint64_t{0x100});
  CHECK(Run(neff).loaded == NRT_UNSUPPORTED_NEFF_VERSION);
  CHECK(neuron::nrt::last_failure().message.find("features: 0x100 are not supported") !=
        std::string::npos);
  store(std::span(neff), offsetof(neff::Header, neff_version_major), std::uint64_t{9});
  CHECK(Run(neff).loaded == NRT_UNSUPPORTED_NEFF_VERSION);
}

TEST_CASE("repeated executions feed outputs back and leave the caller's inputs alone") {
  Setting allow("NEURON_RT_ALLOW_CPU_NODES", "1");
  Run run(bytes_of(sandwich(1), sandwich_source()));
  REQUIRE(run.loaded == NRT_SUCCESS);
  CHECK(nrt_execute_repeat(run.model, run.in, run.out, 3) == NRT_SUCCESS);
  CHECK(run.result(1) == 15.0f);  // 1 -> 3 -> 7 -> 15
  CHECK(static_cast<float*>(nrt_tensor_get_va(run.x))[1] == 1.0f);
  CHECK(nrt_execute_repeat(run.model, run.in, run.out, 0) == NRT_INVALID);
}

TEST_CASE("device memory is charged to its core, and a full HBM says what fills it") {
  Setting box("NEURON_SIM_INSTANCE", "trn1.2xlarge");
  Setting level("NEURON_RT_LOG_LEVEL", "QUIET");
  REQUIRE(nrt_init(NRT_FRAMEWORK_TYPE_NO_FW, "", "") == NRT_SUCCESS);
  const auto stats = [](std::uint32_t core) {
    nrt_vnc_memory_stats_t s{};
    REQUIRE(nrt_get_vnc_memory_stats(core, &s, sizeof s, nullptr) == NRT_SUCCESS);
    return s;
  };
  CHECK(stats(0).bytes_limit == 16ull << 30);
  nrt_tensor_t *big = nullptr, *more = nullptr;
  CHECK(nrt_tensor_allocate(NRT_TENSOR_PLACEMENT_DEVICE, 0, 15ull << 30, "big", &big) ==
        NRT_SUCCESS);
  CHECK(stats(0).bytes_used == 15ull << 30);
  CHECK(stats(1).bytes_used == 0);
  CHECK(nrt_tensor_allocate(NRT_TENSOR_PLACEMENT_DEVICE, 0, 4ull << 30, "more", &more) ==
        NRT_RESOURCE);
  CHECK(neuron::nrt::last_failure().message.find("15.000GB of 16.000GB are in use") !=
        std::string::npos);
  CHECK(allocation_log().starts_with("time_ns,operation,device,nc,hbm,usage,address,bytes,"));
  CHECK(nrt_tensor_allocate(NRT_TENSOR_PLACEMENT_DEVICE, 1, 4ull << 30, "more", &more) ==
        NRT_SUCCESS);
  nrt_tensor_free(&more);
  nrt_tensor_free(&big);
  CHECK(stats(0).bytes_used == 0);
  nrt_close();
}

TEST_CASE("a child of an initialised process may not use its parent's runtime") {
  Setting cores("NEURON_RT_NUM_CORES", "1");
  REQUIRE(nrt_init(NRT_FRAMEWORK_TYPE_NO_FW, "", "") == NRT_SUCCESS);
  nrt_tensor_t* tensor = nullptr;
  REQUIRE(nrt_tensor_allocate(NRT_TENSOR_PLACEMENT_DEVICE, 0, 4, "t", &tensor) == NRT_SUCCESS);
  const pid_t child = ::fork();
  if (child == 0) {
    nrt_tensor_t* mine = nullptr;
    const bool refused =
        nrt_tensor_allocate(NRT_TENSOR_PLACEMENT_DEVICE, 0, 4, "t", &mine) == NRT_UNINITIALIZED &&
        nrt_init(NRT_FRAMEWORK_TYPE_NO_FW, "", "") != NRT_SUCCESS;
    ::_exit(refused ? 0 : 1);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  CHECK(status == 0);
  CHECK(nrt_tensor_write(tensor, "abcd", 0, 4) == NRT_SUCCESS);
  nrt_tensor_free(&tensor);
  nrt_close();
}

TEST_CASE("public packages load: their features are known and their graphs lead somewhere") {
  for (const char* name : {"neff/nkipy-matmul_small.neff", "neff/attention-fused_fp32_s512.neff"}) {
    const auto path = conformance(name);
    if (!path) return;
    const Bytes bytes = REQUIRE_OK(read_file(*path));
    const auto model = REQUIRE_OK(neuron::nrt::load(bytes));
    CHECK(model->tensors.size() >= 2);
    CHECK(model->steps.size() == 1);
  }
}

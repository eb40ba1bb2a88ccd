// SPDX-License-Identifier: Apache-2.0
// What libnrt does for a long time: one thing after the other, or many at once. See soak.sh.
//   soak threads MODEL COUNT SECONDS    executions, allocations and loads from COUNT threads
//   soak loads MODEL COUNT              loads and unloads; fails when memory grows
//   soak victim MODEL DIRECTORY         executes and writes traces until it is killed
//   soak speed MODEL                    times of single calls

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <thread>
#include <vector>

#include "base/file.h"
#include "nrt/nrt.h"
#include "nrt/nrt_experimental.h"
#include "nrt/nrt_profile.h"

using namespace neuron;
using Clock = std::chrono::steady_clock;

namespace {

void must(NRT_STATUS status, const char* what) {
  if (status == NRT_SUCCESS) return;
  fmt::print(stderr, "{}: {}\n", what, nrt_get_status_as_str(status));
  std::exit(1);
}

/// A loaded model with tensors of its own.
struct Job {
  nrt_model_t* model = nullptr;
  nrt_tensor_set_t* sets[2] = {};
  std::vector<nrt_tensor_t*> tensors;

  Job(const Bytes& neff, int vnc, nrt_model_t* shared = nullptr) : model(shared) {
    if (!model) must(nrt_load(neff.data(), neff.size(), vnc, -1, &model), "load");
    for (auto& set : sets) must(nrt_allocate_tensor_set(&set), "set");
    nrt_tensor_info_array_t* infos = nullptr;
    must(nrt_get_model_tensor_info(model, &infos), "tensor info");
    for (std::uint64_t i = 0; i < infos->tensor_count; ++i) {
      const auto& info = infos->tensor_array[i];
      nrt_tensor_t* t = nullptr;
      must(nrt_tensor_allocate(NRT_TENSOR_PLACEMENT_DEVICE, std::max(vnc, 0), info.size, info.name,
                               &t),
           "tensor");
      must(nrt_add_tensor_to_tensor_set(sets[info.usage], info.name, t), "add");
      tensors.push_back(t);
    }
    nrt_free_model_tensor_info(infos);
  }
  void execute() { must(nrt_execute(model, sets[0], sets[1]), "execute"); }
  void free_tensors() {
    for (auto* t : tensors) nrt_tensor_free(&t);
    for (auto& set : sets) nrt_destroy_tensor_set(&set);
  }
};

std::size_t resident_kb() {
  std::size_t pages = 0;
  if (FILE* file = std::fopen("/proc/self/statm", "r")) {
    if (std::fscanf(file, "%*s %zu", &pages) != 1) pages = 0;
    std::fclose(file);
  }
  return pages * 4;
}

int run_threads(const Bytes& neff, int count, double seconds) {
  std::atomic<std::uint64_t> executions{0}, loads{0};
  const auto end = Clock::now() + std::chrono::duration<double>(seconds);
  Job shared(neff, 0);
  std::vector<std::thread> threads;
  for (int t = 0; t < count; ++t)
    threads.emplace_back([&, t] {
      for (int round = 0; Clock::now() < end; ++round) {
        // Half of the work is on one model that all share, half on short-lived models.
        const bool own = (round + t) % 2 == 0;
        Job job(neff, 0, own ? nullptr : shared.model);
        for (int i = 0; i < 20; ++i) job.execute();
        executions += 20;
        loads += own;
        job.free_tensors();
        if (own) must(nrt_unload(job.model), "unload");
      }
    });
  for (auto& thread : threads) thread.join();
  shared.free_tensors();
  fmt::print("{} threads: {} executions, {} loads\n", count, executions.load(), loads.load());
  return 0;
}

int run_loads(const Bytes& neff, int count) {
  const auto once = [&] {
    Job job(neff, 0);
    job.execute();
    job.free_tensors();
    must(nrt_unload(job.model), "unload");
  };
  for (int i = 0; i < count / 10; ++i) once();
  const std::size_t before = resident_kb();
  for (int i = count / 10; i < count; ++i) once();
  const std::size_t after = resident_kb();
  fmt::print("{} loads: {} KB before, {} KB after\n", count, before, after);
  return after > before + 4096 ? 1 : 0;
}

int run_victim(const Bytes& neff, const fs::path& directory) {
  for (std::uint64_t i = 0;; ++i) {
    must(nrt_init(NRT_FRAMEWORK_TYPE_NO_FW, "", ""), "init");
    Job job(neff, 0);
    const std::string file = (directory / fmt::format("{}.ntff", i % 4)).string();
    must(nrt_profile_start(job.model, file.c_str()), "profile");
    job.execute();
    must(nrt_profile_stop(file.c_str()), "profile stop");
    for (int k = 0; k < 50; ++k) job.execute();
    job.free_tensors();
    nrt_close();
  }
}

template <class Work>
double nanoseconds_each(std::uint64_t count, Work work) {
  work();
  const auto begin = Clock::now();
  for (std::uint64_t i = 0; i < count; ++i) work();
  return std::chrono::duration<double, std::nano>(Clock::now() - begin).count() /
         static_cast<double>(count);
}

int run_speed(const Bytes& neff) {
  Job job(neff, 0);
  const double execute = nanoseconds_each(20000, [&] { job.execute(); });
  fmt::print("nrt_execute          {:10.0f} ns, {:.0f} a second\n", execute, 1e9 / execute);
  job.free_tensors();
  constexpr std::size_t kSize = 64u << 20;
  nrt_tensor_t* tensor = nullptr;
  must(nrt_tensor_allocate(NRT_TENSOR_PLACEMENT_DEVICE, 0, kSize, "t", &tensor), "tensor");
  std::vector<char> host(kSize, 'x'), other(kSize, 'y');
  const auto rate = [&](const char* name, auto work) {
    const double ns = nanoseconds_each(20, work);
    fmt::print("{:<20} {:10.2f} GB/s\n", name, static_cast<double>(kSize) / ns);
  };
  rate("memcpy", [&] { std::memcpy(other.data(), host.data(), kSize); });
  rate("nrt_tensor_write", [&] { nrt_tensor_write(tensor, host.data(), 0, kSize); });
  rate("nrt_tensor_read", [&] { nrt_tensor_read(tensor, other.data(), 0, kSize); });
  nrt_tensor_free(&tensor);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) return 2;
  const std::string mode = argv[1];
  const auto neff = read_file(argv[2]);
  if (!neff) return 3;
  if (mode == "victim") return run_victim(*neff, argc > 3 ? argv[3] : ".");
  must(nrt_init(NRT_FRAMEWORK_TYPE_NO_FW, "", ""), "init");
  int status = 2;
  if (mode == "threads" && argc > 4)
    status = run_threads(*neff, std::atoi(argv[3]), std::atof(argv[4]));
  if (mode == "loads" && argc > 3) status = run_loads(*neff, std::atoi(argv[3]));
  if (mode == "speed") status = run_speed(*neff);
  nrt_close();
  return status;
}

// SPDX-License-Identifier: Apache-2.0
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>

#include "host/snapshot.h"
#include "tests/catch.h"

using namespace neuron;
using namespace neuron::host;

namespace {

/// A box that no other test sees.
Box fresh_box(const char* type) {
  static int number = 0;
  Box box = *host::box();
  box.instance = find_instance(type);
  box.directory = box.directory.parent_path() / (std::string(type) + std::to_string(number++));
  return box;
}

Wish cores(std::optional<std::uint32_t> first, std::uint32_t count) {
  return {first, count, 1, ""};
}

/// A process that claims cores, tells so, and counts executions until it is killed.
pid_t counting_child(const Box& box, const Wish& wish) {
  int told[2];
  REQUIRE(::pipe(told) == 0);
  const pid_t child = ::fork();
  if (child == 0) {
    auto process = Process::claim(box, wish);
    const char answer = process ? 'y' : 'n';
    if (::write(told[1], &answer, 1) != 1 || !process) ::_exit(1);
    const auto model = (*process)->add_model({{"killed", "", "sg00", 0, {}}});
    for (;;) {
      Execution run(**process, model, 0, 1, 1000);
      run.start(true);
      run.finish(Status::success);
    }
  }
  char answer = 0;
  REQUIRE(::read(told[0], &answer, 1) == 1);
  ::close(told[0]);
  ::close(told[1]);
  REQUIRE(answer == 'y');
  return child;
}

void kill_and_wait(pid_t child) {
  ::kill(child, SIGKILL);
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
}

}  // namespace

TEST_CASE("cores belong to one process at a time") {
  const Box box = fresh_box("trn1.32xlarge");
  auto process = REQUIRE_OK(Process::claim(box, cores({}, 2)));
  CHECK(process->first() == 0);
  const auto taken = Process::claim(box, cores(1, 2));
  REQUIRE_FALSE(taken);
  CHECK(taken.error().code == Code::NoResource);
  CHECK(taken.error().message.find("Requested:lnc1-lnc2 Available:1 Logical Core size:1; owned by "
                                   "pid " +
                                   std::to_string(::getpid())) != std::string::npos);
  auto next = REQUIRE_OK(Process::claim(box, cores({}, 30)));
  CHECK(next->first() == 2);
  const auto none = Process::claim(box, cores({}, 1));
  REQUIRE_FALSE(none);
  CHECK(none.error().message.find("Requested:1 Available:0") != std::string::npos);
  process.reset();
  auto again = REQUIRE_OK(Process::claim(box, cores(0, 2)));
}

TEST_CASE("a killed owner frees its cores at once, and what it counted stays readable") {
  const Box box = fresh_box("inf2.xlarge");
  std::uint64_t before = 0;
  for (int i = 0; i < 20; ++i) {
    const pid_t child = counting_child(box, cores(0, 2));
    auto living = REQUIRE_OK(take_snapshot(box));

    REQUIRE(living.processes.size() == 1);
    CHECK(living.processes[0].pid == static_cast<std::uint64_t>(child));
    kill_and_wait(child);
    auto dead = REQUIRE_OK(take_snapshot(box));

    CHECK(dead.processes.empty());
    CHECK(dead.oddities.empty());
    const std::uint64_t now = dead.cores[0].inference_count();
    CHECK(now >= living.cores[0].inference_count());
    CHECK(living.cores[0].inference_count() >= before);
    // Cells are counted one after the other: the kill may fall between two of them.
    CHECK(dead.cores[0].flop_count / 1000 + static_cast<std::uint64_t>(i) + 1 >= now);
    CHECK(dead.cores[0].flop_count / 1000 <= now);
    before = now;
  }
}

TEST_CASE("a forked child does not hold its parent's cores") {
  const Box box = fresh_box("inf2.xlarge");
  int told[2];
  REQUIRE(::pipe(told) == 0);
  const pid_t parent = ::fork();
  if (parent == 0) {
    auto process = Process::claim(box, cores(0, 2));
    const pid_t child = ::fork();
    if (child == 0) {
      ::sleep(60);
      ::_exit(0);
    }
    if (::write(told[1], &child, sizeof child) != sizeof child) ::_exit(1);
    ::pause();
  }
  pid_t child = 0;
  REQUIRE(::read(told[0], &child, sizeof child) == sizeof child);
  ::close(told[0]);
  ::close(told[1]);
  kill_and_wait(parent);
  auto claimed = REQUIRE_OK(Process::claim(box, cores(0, 2)));
  ::kill(child, SIGKILL);
}

TEST_CASE("memory, models and executions are counted where they happen") {
  const Box box = fresh_box("trn2.48xlarge");
  auto claimed = REQUIRE_OK(
      Process::claim(box, {.first = 8, .count = 4, .lnc = 2, .runtime_version = "2.0.0"}));
  Process& process = *claimed;
  ModelPart part{"resnet", "00ff", "sg00", 2, {}};
  part.memory[DeviceMemory::constants] = 100;
  part.memory[HostMemory::tensors] = 7;
  ModelPart other = part;
  other.core = 3;
  const auto model = process.add_model({part, other});
  process.use(2, DeviceMemory::tensors, 50);
  process.use(2, DeviceMemory::tensors, -20);
  {
    Execution run(process, model, 2, 2, 10);
    run.start(true);
    auto during = REQUIRE_OK(take_snapshot(box));

    REQUIRE(during.processes[0].parts.size() == 2);
    CHECK(during.processes[0].parts[1].is_running);
    CHECK(busy_ns(during.cores[10], during.at_ns) > 0);
    run.finish(Status::success);
    Execution bad(process, model, 2, 2, 10);
    bad.finish(Status::exec_bad_input);
    Execution forgotten(process, model, 2, 2, 10);
    forgotten.start(false);
  }
  auto seen = REQUIRE_OK(take_snapshot(box));
  const ProcessView& view = seen.processes.at(0);
  CHECK(view.first == 8);
  CHECK(view.runtime_version == "2.0.0");
  CHECK(view.tag == std::to_string(::getpid()));
  CHECK(view.parts[0].name == "resnet");
  CHECK(view.parts[0].core == 10);
  CHECK_FALSE(view.parts[0].is_running);
  const CoreCells& core = seen.cores[10];
  CHECK(core.inference_count() == 1);
  CHECK(core.flop_count == 10);
  CHECK(core.led[CoreCells::index(Status::success)] == 1);
  CHECK(seen.cores[11].led[CoreCells::index(Status::success)] == 0);
  CHECK(core.status(Status::exec_bad_input) == 1);
  CHECK(core.status(Status::failure) == 1);
  CHECK(view.cells->rejected[CoreCells::index(Status::exec_bad_input)] == 1);
  const auto& constants = core.device[static_cast<std::size_t>(DeviceMemory::constants)];
  CHECK(constants.total == 100);
  const auto& tensors = core.device[static_cast<std::size_t>(DeviceMemory::tensors)];
  CHECK(tensors.total == 30);
  CHECK(tensors.present == 20);
  CHECK(tensors.peak == 50);
  process.remove_model(model);
  auto after = REQUIRE_OK(take_snapshot(box));
  CHECK(after.processes[0].parts.empty());
  CHECK(after.cores[10].device[static_cast<std::size_t>(DeviceMemory::constants)].total == 0);
}

TEST_CASE("failures are counted under the names of the runtime's statuses") {
  CHECK(status_of(Code::BadInput) == Status::exec_bad_input);
  CHECK(status_of(Code::ExecutionFault) == Status::infer_completed_with_error);
  CHECK(status_of(Code::Timeout) == Status::timeout);
  CHECK(status_of(Code::NoResource) == Status::resource_error);
  CHECK(status_of(Code::Internal) == Status::failure);
}

TEST_CASE("buckets of latencies are less than one percent wide") {
  for (std::uint64_t ns = 1; ns < (1ull << 40); ns = ns * 5 / 4 + 1) {
    const std::size_t bucket = bucket_of(ns);
    REQUIRE(bucket < kBuckets);
    CHECK(bucket_begin(bucket) <= ns);
    CHECK(bucket_begin(bucket + 1) > ns);
    CHECK(static_cast<double>(bucket_begin(bucket + 1) - bucket_begin(bucket)) <=
          static_cast<double>(ns) / 100 + 1);
  }
}

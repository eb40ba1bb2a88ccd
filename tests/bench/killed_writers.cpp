// SPDX-License-Identifier: Apache-2.0
// A thousand processes count executions until they are killed at any moment, while another reads.
// Nothing may be lost, doubled or unreadable; cores are free at once. Prints what was counted.
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>

#include "host/snapshot.h"
#include "host/sysfs.h"

using namespace neuron::host;

namespace {

[[noreturn]] void count(const Box& box, int ready) {
  auto process = Process::claim(box, {0, 2, 1, ""});
  if (!process) {
    std::fprintf(stderr, "%s\n", process.error().message.c_str());
    ::_exit(1);
  }
  const auto model = (*process)->add_model({{"killed", "", "sg00", 0, {}}});
  if (::write(ready, "y", 1) != 1) ::_exit(1);
  for (;;) {
    Execution run(**process, model, 0, 1, 1000);
    run.start(false);
    run.finish(Status::success);
  }
}

[[noreturn]] void stop(const char* what) {
  std::fprintf(stderr, "%s\n", what);
  std::exit(1);
}

}  // namespace

int main(int argc, char** argv) {
  const int kills = argc > 1 ? std::atoi(argv[1]) : 1000;
  char root[] = "/dev/shm/neuron-kills.XXXXXX";
  ::setenv("NEURON_SIM_ROOT", ::mkdtemp(root), 1);
  ::setenv("NEURON_SIM_INSTANCE", "inf2.xlarge", 1);
  const Box box = *neuron::host::box();
  std::uint64_t before = 0;
  for (int i = 0; i < kills; ++i) {
    int ready[2];
    if (::pipe(ready) != 0) stop("no pipe");
    const pid_t child = ::fork();
    if (child == 0) count(box, ready[1]);
    ::close(ready[1]);
    char byte = 0;
    if (::read(ready[0], &byte, 1) != 1) stop("a process did not get the cores");
    ::close(ready[0]);
    ::usleep(static_cast<useconds_t>(i * 37 % 2000));
    const auto living = take_snapshot(box);
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    const auto dead = take_snapshot(box);
    if (!living || !dead || !living->oddities.empty() || !dead->oddities.empty())
      stop("a page could not be read");
    const CoreCells& core = dead->cores[0];
    if (living->processes.size() != 1 || !dead->processes.empty()) stop("an owner is wrong");
    if (core.inference_count() < living->cores[0].inference_count() ||
        living->cores[0].inference_count() < before)
      stop("a count went backwards");
    // Each kill may fall between two cells of one execution.
    if (core.flop_count / 1000 > core.inference_count() ||
        core.flop_count / 1000 + static_cast<std::uint64_t>(i) + 1 < core.inference_count())
      stop("a count was lost");
    if (i % 100 == 0 && !refresh_tree(*dead, TreeExtent::Touched)) stop("the tree is stuck");
    before = core.inference_count();
  }
  std::error_code ignored;
  neuron::fs::remove_all(root, ignored);
  std::printf("%d writers killed, %llu executions counted, every page readable\n", kills,
              static_cast<unsigned long long>(before));
}

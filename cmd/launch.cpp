// SPDX-License-Identifier: Apache-2.0
#include "cmd/launch.h"

#include <fmt/ranges.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstring>
#include <fstream>
#include <map>
#include <sstream>
#include <thread>

#include "base/file.h"

namespace neuron::cmd {
namespace {

using Words = std::vector<std::string>;

constexpr struct {
  const char *name, *rank, *ranks;
} kLaunchers[] = {
#define NEURON_LAUNCHER(name, rank, ranks) {name, rank, ranks},
#include "cmd/launchers.def"
#undef NEURON_LAUNCHER
};

Result<std::uint32_t> number_in(const char* variable) {
  const std::string_view text = std::getenv(variable);
  std::uint32_t value = 0;
  const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (status == std::errc() && end == text.data() + text.size()) return value;
  return fail(Code::BadUsage, "{} is \"{}\", expected a number", variable, text);
}

/// The program and the words after it, as this process was called.
Result<Words> own_command() {
  std::error_code status;
  const fs::path program = fs::read_symlink("/proc/self/exe", status);
  if (status) return fail(Code::Io, "/proc/self/exe: {}", status.message());
  std::ifstream text("/proc/self/cmdline");  // such a file tells no size
  Words words;
  for (std::string word; std::getline(text, word, '\0');) words.push_back(word);
  if (words.empty()) return fail(Code::Io, "/proc/self/cmdline is empty");
  words[0] = program.string();
  if (words.size() < 2 || words[1] != "collectives") words.insert(words.begin() + 1, "collectives");
  return words;
}

/// For a remote shell, which joins its words and has them read again.
std::string quoted(const std::string& word) {
  const char* plain =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123"
      "456789_./:=,-[]{}@%+";
  if (!word.empty() && word.find_first_not_of(plain) == std::string::npos) return word;
  std::string text = "'";
  for (const char c : word) text += c == '\'' ? "'\\''" : std::string(1, c);
  return text + "'";
}

bool is_here(const std::string& host) { return host == "localhost" || host == "127.0.0.1"; }

/// env NAME=VALUE.. PROGRAM WORD.., behind a remote shell where the host is
/// another.
Result<Words> command_of(const WorkerPlan& plan, std::uint32_t rank) {
  const std::size_t share = plan.ranks / plan.hosts.size();
  const std::string& host = plan.hosts[rank / share];
  Words words;
  if (!is_here(host)) {
    std::istringstream shell(plan.remote_shell);
    for (std::string word; shell >> word;) words.push_back(word);
    words.push_back(host);
  }
  for (const std::string& word :
       {std::string("env"), fmt::format("NEURON_COLLECTIVES_RANK={}", rank),
        fmt::format("NEURON_COLLECTIVES_RANKS={}", plan.ranks),
        "NEURON_RT_ROOT_COMM_ID=" + plan.root})
    words.push_back(word);
  for (const char* kept :
       {"NEURON_SIM_COLLECTIVES_TIMEOUT", "NEURON_SIM_FABRIC", "NEURON_SIM_LIBFABRIC"})
    if (const char* value = std::getenv(kept))
      words.push_back(is_here(host) ? fmt::format("{}={}", kept, value)
                                    : quoted(fmt::format("{}={}", kept, value)));
  const Words own = TRY(own_command());
  for (const std::string& word : own) words.push_back(is_here(host) ? word : quoted(word));
  return words;
}

/// As mpirun does: where each worker can have a core, each gets one, so that none shares another's
/// by chance. Only for workers that are all of this host.
void take_core(std::uint32_t rank, const WorkerPlan& plan) {
  cpu_set_t allowed, own;
  if (plan.hosts.size() > 1 || !is_here(plan.hosts[0])) return;
  if (::sched_getaffinity(0, sizeof allowed, &allowed) != 0) return;
  if (static_cast<std::uint32_t>(CPU_COUNT(&allowed)) < plan.ranks) return;
  int core = 0;
  for (std::uint32_t before = 0; !CPU_ISSET(core, &allowed) || before++ < rank;) ++core;
  CPU_ZERO(&own);
  CPU_SET(core, &own);
  (void)::sched_setaffinity(0, sizeof own, &own);
}

Result<pid_t> start(const Words& words, std::uint32_t rank, const WorkerPlan& plan) {
  std::vector<char*> argv;
  for (const std::string& word : words) argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);
  const pid_t child = ::fork();
  if (child < 0) return fail(Code::NoResource, "cannot start a worker: {}", std::strerror(errno));
  if (child > 0) return child;
  ::prctl(PR_SET_PDEATHSIG, SIGTERM);  // nobody works on for who is gone
  take_core(rank, plan);
  ::execvp(argv[0], argv.data());
  ::_exit(127);
}

Code code_of_exit(int status) {
  for (int c = 0;; ++c) {
    const auto code = static_cast<Code>(c);
    if (info(code).exit == status) return code;
    if (code == Code::Interrupted) return Code::ExecutionFault;
  }
}

/// Takes one ended worker; 0 when none has ended yet.
pid_t take(int& status, bool waits) {
  pid_t child = 0;
  do {
    child = ::waitpid(-1, &status, waits ? 0 : WNOHANG);
  } while (child < 0 && errno == EINTR);
  return child;
}

Error failure_of(std::uint32_t rank, int status) {
  if (WIFSIGNALED(status))
    return fail(Code::ExecutionFault, "worker {} was ended by signal {}", rank, WTERMSIG(status));
  if (WEXITSTATUS(status) == 127)
    return fail(Code::Io, "worker {} could not be started; see --rsh", rank);
  return fail(code_of_exit(WEXITSTATUS(status)), "worker {} failed with exit status {}", rank,
              WEXITSTATUS(status));
}

Result<> wait_for(std::map<pid_t, std::uint32_t>& workers, int grace) {
  using Clock = std::chrono::steady_clock;
  Result<> result;
  Clock::time_point until{};
  bool is_told = false;
  while (!workers.empty()) {
    int status = 0;
    const pid_t child = take(status, bool(result));
    if (child < 0) return fail(Code::Internal, "waitpid: {}", std::strerror(errno));
    const auto worker = workers.find(child);
    if (worker != workers.end()) {
      if (status != 0 && result) {
        result = failure_of(worker->second, status);
        until = Clock::now() + std::chrono::seconds(grace);
      }
      workers.erase(worker);
      continue;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    if (Clock::now() < until || std::exchange(is_told, true)) continue;
    for (const auto& [pid, rank] : workers) ::kill(pid, SIGTERM);
  }
  return result;
}

}  // namespace

Result<std::optional<WorkerPlace>> worker_place() {
  for (const auto& launcher : kLaunchers) {
    if (!std::getenv(launcher.rank) || !std::getenv(launcher.ranks)) continue;
    WorkerPlace place;
    place.rank = TRY(number_in(launcher.rank));
    place.ranks = TRY(number_in(launcher.ranks));
    place.launcher = launcher.name;
    return std::optional(place);
  }
  return std::optional<WorkerPlace>();
}

Result<> launch_workers(const WorkerPlan& plan, int grace) {
  if (plan.hosts.empty() || plan.ranks % plan.hosts.size() != 0)
    return fail(Code::BadUsage, "{} workers cannot be shared equally by {} hosts", plan.ranks,
                plan.hosts.size());
  std::map<pid_t, std::uint32_t> workers;
  for (std::uint32_t rank = 0; rank < plan.ranks; ++rank) {
    const Words words = TRY(command_of(plan, rank));
    auto child = start(words, rank, plan);
    if (child) {
      workers[*child] = rank;
      continue;
    }
    for (const auto& [pid, other] : workers) ::kill(pid, SIGTERM);
    (void)wait_for(workers, 0);
    return std::move(child).error();
  }
  return wait_for(workers, grace);
}

}  // namespace neuron::cmd

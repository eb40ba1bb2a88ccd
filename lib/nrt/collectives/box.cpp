// SPDX-License-Identifier: Apache-2.0
#include "nrt/collectives/box.h"

#include <fmt/format.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <charconv>
#include <filesystem>
#include <fstream>

namespace neuron::nrt::cc {
namespace {

namespace fs = std::filesystem;
constexpr const char* kRegions = "/dev/shm";

std::uint64_t space(const char* name) {
  struct stat status {};
  return ::stat(fmt::format("/proc/self/ns/{}", name).c_str(), &status) == 0 ? status.st_ino : 0;
}

/// Of all regions whose processes have the numbers that we see.
std::string prefix() { return fmt::format("neuron_{:x}_", space("pid")); }

}  // namespace

std::string box_id() {
  std::string kernel;
  std::ifstream("/proc/sys/kernel/random/boot_id") >> kernel;
  std::string id = fmt::format("{}:{}", kernel, ::geteuid());
  for (const char* name : {"net", "pid", "mnt", "ipc", "user"})
    id += fmt::format(":{:x}", space(name));
  return id;
}

std::string new_region() {
  static std::atomic<unsigned> count{0};
  return fmt::format("{}{}_{}", prefix(), ::getpid(), count++);
}

void sweep_regions() {
  const std::string start = prefix();
  std::error_code status;
  for (const auto& file : fs::directory_iterator(kRegions, status)) {
    const std::string name = file.path().filename().string();
    pid_t process = 0;
    if (!name.starts_with(start)) continue;
    const auto [end, error] =
        std::from_chars(name.data() + start.size(), name.data() + name.size(), process);
    const bool is_ours = error == std::errc() && process > 0 && *end == '_';
    if (is_ours && ::kill(process, 0) != 0 && errno == ESRCH) fs::remove(file.path(), status);
  }
}

}  // namespace neuron::nrt::cc

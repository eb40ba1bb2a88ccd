// SPDX-License-Identifier: Apache-2.0
#include "host/proc.h"

#include <unistd.h>

#include <fstream>
#include <iterator>
#include <sstream>

namespace neuron::host {
namespace {

std::string text_of_file(const std::string& path) {
  std::ifstream in(path);
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace

void parse_stat(const std::string& text, Moment& moment) {
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string name;
    words >> name;
    if (name == "ctxt") words >> moment.context_switches;
    if (!name.starts_with("cpu")) continue;
    CpuTicks t;
    words >> t.user >> t.nice >> t.system >> t.idle >> t.io_wait >> t.irq >> t.soft_irq;
    if (name == "cpu")
      moment.all_cpus = t;
    else
      moment.cpus.push_back(t);
  }
}

HostMemoryFacts parse_meminfo(const std::string& text) {
  std::map<std::string, std::uint64_t> bytes;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string name;
    std::uint64_t kib = 0;
    if (words >> name >> kib) bytes[name] = kib * 1024;
  }
  const auto less = [](std::uint64_t a, std::uint64_t b) { return a > b ? a - b : 0; };
  return {bytes["MemTotal:"], less(bytes["MemTotal:"], bytes["MemAvailable:"]), bytes["SwapTotal:"],
          less(bytes["SwapTotal:"], bytes["SwapFree:"])};
}

ProcessTicks parse_process_stat(const std::string& text) {
  ProcessTicks t;
  // The second field is the name in parentheses, which may hold blanks and parentheses.
  const std::size_t end = text.rfind(')');
  if (end == text.npos) return t;
  std::istringstream words(text.substr(end + 1));
  std::string skipped;
  for (int field = 3; field < 14; ++field) words >> skipped;
  words >> t.user >> t.system;  // 14 and 15
  for (int field = 16; field < 24; ++field) words >> skipped;
  std::uint64_t pages = 0;
  if (words >> pages)
    t.resident_bytes = pages * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
  return t;
}

Result<Moment> take_moment(const Box& box) {
  Moment moment;
  moment.snapshot = TRY(take_snapshot(box));
  parse_stat(text_of_file("/proc/stat"), moment);
  moment.memory = parse_meminfo(text_of_file("/proc/meminfo"));
  for (const ProcessView& p : moment.snapshot.processes)
    moment.processes[p.pid] =
        parse_process_stat(text_of_file("/proc/" + std::to_string(p.pid) + "/stat"));
  return moment;
}

}  // namespace neuron::host

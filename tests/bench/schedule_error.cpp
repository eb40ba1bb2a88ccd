// SPDX-License-Identifier: Apache-2.0
// Schedules the packages of real traces and prints how far the clock is from the device: whole
// programs by the throttle's rule, over all its phases and with the changes that the device made;
// then the durations of instructions.
//   bench_schedule_error [DIRECTORY with NAME.neff and NAME.ntff]
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <map>

#include "neff/model.h"
#include "nrt/program.h"
#include "nrt/trace_clock.h"
#include "sim/clock.h"

using namespace neuron;

namespace {

constexpr int kPhases = 16;

double percent(double ours, double real) { return (ours / real - 1) * 100; }

double quantile(std::vector<double> values, double share) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  return values[static_cast<std::size_t>(share * static_cast<double>(values.size() - 1))];
}

/// Signed errors of durations, in percent, by opcode.
using Durations = std::map<std::string, std::vector<double>>;

/// What of a program ran once in a trace, held against the schedule.
void compare_durations(const sim::Loaded& loaded, const sim::Schedule& schedule,
                       const nrt::ProgramRecords& real, Durations& out) {
  struct Span {
    std::uint64_t begin = 0, end = 0;
    int starts = 0, ends = 0;
  };
  std::map<std::pair<int, std::uint32_t>, Span> spans;
  for (const ntff::InstructionRecord& r : real.records) {
    Span& span = spans[{r.engine, r.pc20}];
    if (r.kind == 0) span.begin = r.time_ps, ++span.starts;
    if (r.kind == 1) span.end = r.time_ps, ++span.ends;
  }
  const sim::Program& program = sim::program_of(loaded);
  for (const sim::InstructionTime& t : schedule.instructions) {
    const int engine = static_cast<int>(t.engine);
    const auto found = spans.find({engine, t.pc});
    if (found == spans.end() || found->second.starts != 1 || found->second.ends != 1) continue;
    const auto took = static_cast<double>(found->second.end - found->second.begin);
    if (took <= 0) continue;
    const auto& instruction = program.streams[static_cast<std::size_t>(engine)][t.pc];
    const auto* info = isa::find_op(isa::opcode_of(instruction));
    const auto name = fmt::format("{} {}", isa::info(t.engine).shown, info ? info->text : "?");
    out[name].push_back(percent(static_cast<double>(t.end_ps - t.begin_ps), took));
  }
}

Result<double> total_us(const sim::Loaded& loaded, const sim::Clock& clock) {
  const auto schedule = TRY(sim::schedule(loaded, clock));
  return static_cast<double>(schedule.total_ps) / 1e6;
}

Result<> print_row(const fs::path& neff_path, Durations& durations) {
  const auto package = TRY(neff::read(neff_path));
  const auto model = TRY(neff::model_of(package));
  auto program = TRY(nrt::program_of(model, 0));
  std::size_t count = 0;
  for (const auto& stream : program.streams) count += stream.size();
  const auto loaded = TRY(sim::load(std::move(program)));
  const auto begin = std::chrono::steady_clock::now();
  const double ours = TRY(total_us(*loaded, {}));
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
  std::vector<double> phases;
  for (int i = 0; i < kPhases; ++i) {
    const double us = TRY(total_us(*loaded, {sim::kThrottleWindowPs * i / kPhases, {}}));
    phases.push_back(us);
  }
  const auto trace = ntff::read(fs::path(neff_path).replace_extension(".ntff"));
  const double rate = static_cast<double>(count) / took.count() / 1e6;
  if (!trace) {
    fmt::print("{:34} {:>9} {:9.2f} {:58} {:7.2f}\n", neff_path.filename().string(), "-", ours, "",
               rate);
    return {};
  }
  const double real = static_cast<double>(trace->end_ps - trace->begin_ps) / 1e6;
  const ntff::CoreTrace& core = trace->cores.at(0);
  const auto records = nrt::program_records(core);
  auto changes = TRY(nrt::clock_of(core));
  const auto told = TRY(sim::schedule(*loaded, {0, std::move(changes)}));
  const double span = static_cast<double>(records.end_ps - records.begin_ps) / 1e6;
  fmt::print(
      "{:34} {:9.2f} {:9.2f} {:+6.1f}% {:+6.1f}% {:+6.1f}% {:+6.1f}% {:+10.1f}% {:+8.1f}% "
      "{:7.2f}\n",
      neff_path.filename().string(), real, ours, percent(ours, real),
      percent(*std::ranges::min_element(phases), real), percent(quantile(phases, 0.5), real),
      percent(*std::ranges::max_element(phases), real),
      percent(static_cast<double>(told.total_ps) / 1e6, real),
      percent(static_cast<double>(told.span_ps) / 1e6, span), rate);
  compare_durations(*loaded, told, records, durations);
  return {};
}

void print_durations(const Durations& durations) {
  fmt::print("\n{:34} {:>7} {:>9} {:>9} {:>9}\n", "durations, clock of the trace", "count",
             "median", "|median|", "|90 %|");
  std::vector<double> all;
  const auto row = [](const std::string& name, const std::vector<double>& errors) {
    std::vector<double> sizes;
    for (const double e : errors) sizes.push_back(std::abs(e));
    fmt::print("{:34} {:7} {:+8.2f}% {:8.2f}% {:8.2f}%\n", name, errors.size(),
               quantile(errors, 0.5), quantile(sizes, 0.5), quantile(sizes, 0.9));
  };
  for (const auto& [name, errors] : durations) {
    row(name, errors);
    all.insert(all.end(), errors.begin(), errors.end());
  }
  row("all", all);
}

}  // namespace

int main(int argc, char** argv) {
  const fs::path directory = argc > 1 ? argv[1] : "../shared/conformance/neff";
  std::vector<fs::path> packages;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(directory, error))
    if (entry.path().extension() == ".neff") packages.push_back(entry.path());
  std::sort(packages.begin(), packages.end());
  fmt::print("{:34} {:>9} {:>9} {:>7} {:>7} {:>7} {:>7} {:>11} {:>9} {:>7}\n", "package",
             "total us", "ours", "error", "least", "median", "most", "trace clock", "its span",
             "M/s");
  Durations durations;
  for (const fs::path& path : packages)
    if (auto row = print_row(path, durations); !row)
      fmt::print("{:34} {}\n", path.filename().string(), row.error().message);
  print_durations(durations);
  return packages.empty() ? 1 : 0;
}

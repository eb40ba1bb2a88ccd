// SPDX-License-Identifier: Apache-2.0
// Schedules the packages of real traces and prints how far the clock is from the device.
//   bench_schedule_error [DIRECTORY with NAME.neff and NAME.ntff]
#include <algorithm>
#include <chrono>
#include <cmath>

#include "neff/model.h"
#include "nrt/program.h"
#include "ntff/ntff.h"
#include "sim/sim.h"

using namespace neuron;

namespace {

/// From the first instruction of the compiler's program to the end of its last, on a device.
std::uint64_t real_span(const ntff::CoreTrace& core) {
  std::uint64_t first = UINT64_MAX, last = 0;
  for (const ntff::Image& image : core.images)
    for (const ntff::InstructionRecord& r : core.instructions) {
      if (r.engine != image.engine) continue;
      const std::uint64_t at = ((r.pc20 - (image.base >> 6)) & 0xfffff) * 64;
      const auto inserted = [&](const ntff::Image::Range& range) {
        return range.kind == 0 && at >= range.offset && at < range.offset + range.count * 64;
      };
      if (at >= image.bytes.size() ||
          std::any_of(image.ranges.begin(), image.ranges.end(), inserted))
        continue;
      first = std::min(first, r.time_ps);
      last = std::max(last, r.time_ps);
    }
  return last - std::min(first, last);
}

Result<> print_row(const fs::path& neff_path) {
  const auto package = TRY(neff::read(neff_path));
  const auto model = TRY(neff::model_of(package));
  auto program = TRY(nrt::program_of(model, 0));
  std::size_t count = 0;
  for (const auto& stream : program.streams) count += stream.size();
  const auto loaded = TRY(sim::load(std::move(program)));
  const auto begin = std::chrono::steady_clock::now();
  const auto schedule = TRY(sim::schedule(*loaded));
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
  const double ours = static_cast<double>(schedule.total_ps) / 1e6;
  const double our_span = static_cast<double>(schedule.span_ps) / 1e6;
  const double rate = static_cast<double>(count) / took.count() / 1e6;
  const auto trace = ntff::read(fs::path(neff_path).replace_extension(".ntff"));
  if (!trace) {
    fmt::print("{:34} {:>9} {:9.2f} {:>7} {:>9} {:9.2f} {:>7} {:7.2f}\n",
               neff_path.filename().string(), "-", ours, "-", "-", our_span, "-", rate);
    return {};
  }
  const double real = static_cast<double>(trace->end_ps - trace->begin_ps) / 1e6;
  const double span = static_cast<double>(real_span(trace->cores.at(0))) / 1e6;
  fmt::print("{:34} {:9.2f} {:9.2f} {:+6.1f}% {:9.2f} {:9.2f} {:+6.1f}% {:7.2f}\n",
             neff_path.filename().string(), real, ours, (ours / real - 1) * 100, span, our_span,
             (our_span / span - 1) * 100, rate);
  return {};
}

}  // namespace

int main(int argc, char** argv) {
  const fs::path directory = argc > 1 ? argv[1] : "../shared/conformance/neff";
  std::vector<fs::path> packages;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(directory, error))
    if (entry.path().extension() == ".neff") packages.push_back(entry.path());
  std::sort(packages.begin(), packages.end());
  fmt::print("{:34} {:>9} {:>9} {:>7} {:>9} {:>9} {:>7} {:>7}\n", "package", "total us", "ours",
             "error", "span us", "ours", "error", "M/s");
  for (const fs::path& path : packages)
    if (auto row = print_row(path); !row)
      fmt::print("{:34} {}\n", path.filename().string(), row.error().message);
  return packages.empty() ? 1 : 0;
}

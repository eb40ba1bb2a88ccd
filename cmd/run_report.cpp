// SPDX-License-Identifier: Apache-2.0
#include "cmd/run_report.h"

#include <chrono>
#include <cmath>
#include <numeric>

#include "cmd/guidance.h"

namespace neuron::cmd {
namespace {
double ms(std::int64_t ns) { return static_cast<double>(ns) / 1e6; }
std::string name_of(double percent) {
  return percent == 50 ? "median" : fmt::format("p{:g}", percent);
}
}  // namespace

Figures figures_of(const nrt::BenchResult& result, std::uint32_t package,
                   const std::vector<double>& percents) {
  Figures f;
  const auto sorted = result.latencies(package);
  if (sorted.empty()) return f;
  f.count = sorted.size();
  f.fastest = sorted.front();
  f.slowest = sorted.back();
  f.mean = std::accumulate(sorted.begin(), sorted.end(), 0.0) / static_cast<double>(f.count);
  for (const auto ns : sorted) f.deviation += std::pow(static_cast<double>(ns) - f.mean, 2);
  f.deviation = std::sqrt(f.deviation / static_cast<double>(f.count));
  f.per_second = static_cast<double>(f.count) * 1e9 /
                 static_cast<double>(std::max<std::int64_t>(1, result.wall_ns));
  for (const double p : percents) f.percentiles.emplace_back(p, nrt::percentile(sorted, p));
  return f;
}

Json json_of(const Figures& f) {
  Json out{{"min", f.fastest}};
  for (const auto& [percent, ns] : f.percentiles) out[name_of(percent)] = ns;
  out["max"] = f.slowest;
  out["mean"] = f.mean;
  out["deviation"] = f.deviation;
  return out;
}

std::string lines_of(const Figures& f, std::uint64_t device_ps) {
  std::string line = fmt::format("  {} executions, {:.1f} a second\n", f.count, f.per_second);
  line += fmt::format("  host latency ms: min {:.3f}, mean {:.3f}", ms(f.fastest), f.mean / 1e6);
  for (const auto& [percent, ns] : f.percentiles)
    line += fmt::format(", {} {:.3f}", name_of(percent), ms(ns));
  line += fmt::format(", max {:.3f}, deviation {:.3f}\n", ms(f.slowest), f.deviation / 1e6);
  const double device_us = static_cast<double>(device_ps) / 1e6;
  line += fmt::format("  modelled device time {:.3f} us, {:.1f} a second on each core", device_us,
                      device_us > 0 ? 1e6 / device_us : 0);
  return line;
}

std::string csv_of(const nrt::BenchResult& result) {
  std::string text = "package,thread,begin_ns,latency_ns\n";
  for (const nrt::Measured& m : result.executions)
    text += fmt::format("{},{},{},{}\n", m.package, m.thread, m.begin_ns, m.latency_ns);
  return text;
}

Result<> tell_prediction(const fs::path& neff, const sim::Clock& clock, bool json, Terminal& io) {
  const auto file = TRY(MappedFile::open(neff));
  const auto begin = std::chrono::steady_clock::now();
  const Prediction time = TRY(predict(file->bytes(), clock).within(neff.string()));
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
  if (!json) {
    io.out << fmt::format("predicted: {:.1f} us{}, {}\n", time.latency_us,
                          time.is_parametric ? " (parametric)" : "", bound_text(time));
    return {};
  }
  Json loads = Json::object();
  for (const Load& load : time.loads) loads[load.name] = load.share;
  const Json all{{"neff", neff.filename().string()}, {"latency_us", time.latency_us},
                 {"parametric", time.is_parametric}, {"bound", bound_text(time)},
                 {"busy", std::move(loads)},         {"took_s", took.count()}};
  io.out << json::text_of(all, 2) << '\n';
  return {};
}

}  // namespace neuron::cmd

// SPDX-License-Identifier: Apache-2.0
// Where the time of a plan goes: each kernel on one thread, the fastest of RUNS, by kind and the
// ROWS that take longest. The input is zeros.
//   bench_plan PACKAGE.neff [RUNS [ROWS]]
#include "sim/plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <map>

#include "neff/model.h"
#include "nrt/program.h"
#include "sim/plan/kernel.h"

using namespace neuron;

namespace {

using Clock = std::chrono::steady_clock;
double us_since(Clock::time_point begin) {
  return std::chrono::duration<double, std::micro>(Clock::now() - begin).count();
}

/// The first subgraph of a package, with bytes for its variables.
struct Subject {
  sim::LoadedPtr loaded;
  std::vector<Bytes> own;
  std::vector<std::span<std::byte>> variables;
  std::vector<ByteView> constants;
};

Result<Subject> subject_of(const fs::path& path) {
  Subject s;
  const auto package = TRY(neff::read(path));
  const auto model = TRY(neff::model_of(package));
  s.loaded = TRY(sim::load(TRY(nrt::program_of(model, 0))));
  const auto& variables = model.subgraphs.at(0).variables;
  s.own.resize(variables.size());
  s.variables.resize(variables.size());
  s.constants.resize(variables.size());
  for (const neff::Variable& v : variables) {
    s.own[v.id].resize(v.size);
    s.variables[v.id] = s.own[v.id];
    if (v.kind != neff::VariableKind::File) continue;
    const auto data = TRY(neff::constant_of(package, model.subgraphs[0], v));
    std::copy(data.begin(), data.end(), s.own[v.id].begin());
    s.constants[v.id] = s.own[v.id];
  }
  for (const neff::Variable& v : variables)
    if (v.referenced) {
      s.variables[v.id] = s.variables[*v.referenced];
      s.constants[v.id] = s.constants[*v.referenced];
    }
  return s;
}

/// Microseconds of the fastest run of each kernel.
std::vector<double> time_kernels(sim::Plan& plan, sim::Core& core, const Subject& s, int runs) {
  std::vector<double> fastest(plan.kernels.size(), 1e18);
  Result<> failure;
  const sim::Memory memory{core.memory().data(), plan.placed, core.port(), &failure};
  double whole = 1e18;
  for (int i = 0; i < runs; ++i) {
    const auto begin = Clock::now();
    (void)sim::run(plan, core, s.variables);
    whole = std::min(whole, us_since(begin));
    for (std::size_t k = 0; k < fastest.size(); ++k) {
      const sim::Kernel& kernel = plan.kernels[k];
      const auto start = Clock::now();
      kernel.run(memory, plan.workers[0], 0, kernel.units);
      fastest[k] = std::min(fastest[k], us_since(start));
    }
  }
  fmt::print("fastest run {:.1f} us\n", whole);
  return fastest;
}

void print_kinds(const sim::Plan& plan, const std::vector<double>& us) {
  std::map<std::string, std::pair<double, int>> kinds;
  double sum = 0;
  for (std::size_t k = 0; k < us.size(); ++k) {
    auto& kind = kinds[plan.kernels[k].what.substr(0, plan.kernels[k].what.find(','))];
    kind.first += us[k];
    kind.second += 1;
    sum += us[k];
  }
  std::vector<std::pair<std::string, std::pair<double, int>>> rows(kinds.begin(), kinds.end());
  std::ranges::sort(rows, std::greater(), [](const auto& row) { return row.second.first; });
  fmt::print("{} kernels, {:.1f} us\n", us.size(), sum);
  for (const auto& [name, kind] : rows)
    fmt::print("{:9.1f} us {:5.1f} % {:6} {}\n", kind.first, kind.first / sum * 100, kind.second,
               name);
}

Result<> profile(const fs::path& path, int runs, std::size_t rows) {
  const Subject s = TRY(subject_of(path));
  const auto plan = TRY(sim::make_plan(*s.loaded, s.constants));
  sim::Core core(sim::program_of(*s.loaded).arch);
  TRY(sim::run(*plan, core, s.variables));
  const auto us = time_kernels(*plan, core, s, runs);
  print_kinds(*plan, us);
  std::vector<std::size_t> order(us.size());
  for (std::size_t k = 0; k < order.size(); ++k) order[k] = k;
  std::ranges::sort(order, std::greater(), [&](std::size_t k) { return us[k]; });
  order.resize(std::min(rows, order.size()));
  for (const std::size_t k : order)
    fmt::print("{:9.1f} us #{:<5} {}\n", us[k], k, plan->kernels[k].what);
  return {};
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    fmt::print(stderr, "usage: bench_plan PACKAGE.neff [RUNS [ROWS]]\n");
    return 2;
  }
  const auto done =
      profile(argv[1], argc > 2 ? std::atoi(argv[2]) : 20,
              argc > 3 ? static_cast<std::size_t>(std::max(0, std::atoi(argv[3]))) : 20);
  if (!done) fmt::print(stderr, "{}\n", done.error().message);
  return done ? 0 : 1;
}

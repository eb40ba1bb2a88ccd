// SPDX-License-Identifier: Apache-2.0
#include "compile/partition/report.h"

#include <fmt/format.h>

#include <algorithm>

namespace neuron::compile {
namespace {

double share(std::uint64_t part, std::uint64_t whole) {
  return whole == 0 ? 100 : 100.0 * static_cast<double>(part) / static_cast<double>(whole);
}

/// Stages on NeuronCores, and their mean over the slowest in percent: what requests that follow
/// each other use of the cores.
struct Balance {
  std::size_t stages = 0;
  double percent = 100;
};
Balance balance_of(const Report& r) {
  Balance out;
  double sum = 0, most = 0;
  for (const ReportPart& part : r.parts) {
    if (part.on_host) continue;
    ++out.stages;
    sum += part.cost_us;
    most = std::max(most, part.cost_us);
  }
  if (most > 0) out.percent = 100 * sum / static_cast<double>(out.stages) / most;
  return out;
}

std::string line_of(const ReportPart& part) {
  return part.on_host
             ? fmt::format("  {:<24} CPU        {:>6} operators\n", part.name, part.operators)
             : fmt::format("  {:<24} NeuronCore {:>6} operators, {:.1f} us of work\n", part.name,
                           part.operators, part.cost_us);
}

}  // namespace

std::string text_of(const Report& r) {
  std::string text = fmt::format(
      "{} for {}: {} NeuronCore{}\n"
      "operators on the NeuronCore: {} of {} ({:.1f} %)\n"
      "multiplications on the NeuronCore: {} of {} ({:.1f} %)\n"
      "parts, in the order in which they run:\n",
      r.model, r.target, r.cores, r.cores == 1 ? "" : "s", r.device_operators, r.operators,
      share(r.device_operators, r.operators), r.device_macs, r.macs, share(r.device_macs, r.macs));
  for (const ReportPart& part : r.parts) text += line_of(part);
  if (const Balance b = balance_of(r); b.stages > 1)
    text += fmt::format("balance of the {} stages: {:.1f} % (their mean over the slowest)\n",
                        b.stages, b.percent);
  if (!r.on_host.empty()) text += "on the CPU:\n";
  for (const HostOperator& o : r.on_host)
    text += fmt::format("  {} '{}': {}\n", o.op, o.node, o.why);
  for (const auto& [output, shape] : r.shapes)
    text += fmt::format("output '{}' has room for the largest result; '{}' tells its shape\n",
                        output, shape);
  return text;
}

Json json_of(const Report& r) {
  Json parts = Json::array(), on_host = Json::array(), shapes = Json::object();
  for (const ReportPart& p : r.parts) {
    Json part{{"name", p.name},
              {"executor", p.on_host ? "CPU" : "NeuronCore"},
              {"operators", p.operators}};
    if (!p.on_host) part["work_us"] = p.cost_us;
    parts.push_back(std::move(part));
  }
  for (const HostOperator& o : r.on_host)
    on_host.push_back({{"node", o.node}, {"operator", o.op}, {"reason", o.why}});
  for (const auto& [output, shape] : r.shapes) shapes[output] = shape;
  return Json{{"model", r.model},
              {"target", r.target},
              {"neuroncores", r.cores},
              {"operators",
               {{"total", r.operators},
                {"neuroncore", r.device_operators},
                {"percent", share(r.device_operators, r.operators)}}},
              {"multiplications",
               {{"total", r.macs},
                {"neuroncore", r.device_macs},
                {"percent", share(r.device_macs, r.macs)}}},
              {"parts", parts},
              {"balance_percent", balance_of(r).percent},
              {"on_cpu", on_host},
              {"open_shapes", shapes}};
}

}  // namespace neuron::compile

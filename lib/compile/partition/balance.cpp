// SPDX-License-Identifier: Apache-2.0
#include "compile/partition/balance.h"

#include <algorithm>
#include <array>
#include <map>
#include <numeric>

#include "isa/cost.h"

namespace neuron::compile {
namespace {

double transfer_ns(const KernelTransfer& transfer, const Kernel& kernel, double loads) {
  double bytes = 0;
  for (const Move& m : transfer.moves) {
    double moved = static_cast<double>(m.run);
    for (const Loop& l : m.loops) moved *= static_cast<double>(l.count);
    const bool constant = kernel.variables[m.from.variable.value].use == VariableUse::Constant;
    bytes += constant ? moved * loads : moved;
  }
  return bytes / (kernel.arch.dma_bytes_per_ns * kernel.arch.dma_engines);
}

/// The part of all constants that is brought at every execution when half of each SBUF keeps some.
double loads_of(const std::vector<Packed>& packed, std::uint32_t cores) {
  double constants = 1, room = 0;
  for (const Packed& part : packed) {
    if (!part.kernel) continue;
    room = isa::kPartitions * static_cast<double>(part.kernel->sbuf->capacity()) / 2 * cores;
    for (const KernelVariable& v : part.kernel->variables)
      if (v.use == VariableUse::Constant) constants += static_cast<double>(v.bytes);
  }
  return std::max(0.0, 1 - room / constants);
}

/// Engines, and one more place for transfers.
using Work = std::array<double, isa::kEngines + 1>;

/// How often a list of costs must be cut so that no piece costs more than `most`.
std::size_t pieces(const std::vector<double>& costs, double most) {
  std::size_t count = 1;
  double sum = 0;
  for (const double c : costs) {
    if (sum > 0 && sum + c > most) {
      ++count;
      sum = 0;
    }
    sum += c;
  }
  return count;
}

/// The number of the stage of each of the costs, `stages` of them where there are as many costs.
std::vector<std::size_t> stages_of(const std::vector<double>& costs, std::size_t stages) {
  double low = *std::max_element(costs.begin(), costs.end());
  double high = std::accumulate(costs.begin(), costs.end(), 0.0);
  for (int i = 0; i < 60; ++i) {
    const double middle = (low + high) / 2;
    (pieces(costs, middle) <= stages ? high : low) = middle;
  }
  std::vector<std::size_t> out(costs.size());
  std::size_t stage = 0;
  double sum = 0;
  for (std::size_t i = 0; i < costs.size(); ++i) {
    const std::size_t left = costs.size() - i, open = stages - 1 - stage;
    // The last ones stand alone rather than leave a stage empty.
    if (sum > 0 && open > 0 && (sum + costs[i] > high * (1 + 1e-9) || left <= open)) {
      ++stage;
      sum = 0;
    }
    sum += std::max(costs[i], 1e-9);
    out[i] = stage;
  }
  return out;
}

}  // namespace

std::vector<double> costs_of(const Kernel& kernel, const Graph& graph, double loads) {
  std::vector<Work> work(kernel.notes.size());
  for (const Step& step : kernel.steps) {
    Work& w = work[step.note];
    if (step.transfer >= 0) {
      w[isa::kEngines] +=
          transfer_ns(kernel.transfers[static_cast<std::size_t>(step.transfer)], kernel, loads);
      continue;
    }
    const auto cost = isa::cost(isa::encode({}, step.op), step.engine, isa::timing(kernel.arch.id),
                                kernel.arch.tensor_ghz);
    w[static_cast<std::size_t>(step.engine)] += cost.occupancy_ns;
  }
  // Notes come in the order of nodes; a node may have several, all under its name.
  std::map<std::string, Work> by_name;
  for (std::size_t n = 0; n < work.size(); ++n)
    for (std::size_t e = 0; e < work[n].size(); ++e)
      by_name[kernel.notes[n].layer][e] += work[n][e];
  std::map<std::string, double> shares;
  for (const Node& node : graph.nodes) ++shares[node.layer.empty() ? node.name : node.layer];
  std::vector<double> out;
  for (const Node& node : graph.nodes) {
    const std::string& name = node.layer.empty() ? node.name : node.layer;
    const auto at = by_name.find(name);
    const double all =
        at == by_name.end() ? 0 : *std::max_element(at->second.begin(), at->second.end());
    out.push_back(all / shares[name]);
  }
  return out;
}

std::vector<Part> balanced(const std::vector<Part>& plan, const std::vector<Packed>& packed,
                           std::uint32_t cores, bool weights_stay,
                           std::vector<std::string>& warnings) {
  const double loads = weights_stay ? loads_of(packed, cores) : 1;
  std::vector<std::size_t> stages(plan.size());
  std::vector<std::vector<double>> costs(plan.size());
  std::size_t used = 0;
  for (std::size_t p = 0; p < plan.size(); ++p) {
    if (plan[p].on_host) continue;
    costs[p] = costs_of(*packed[p].kernel, *packed[p].graph, loads);
    used += stages[p] = 1;
  }
  while (used < cores) {  // one stage more for the part whose stages cost most
    std::optional<std::size_t> best;
    double most = -1;
    for (std::size_t p = 0; p < plan.size(); ++p) {
      if (plan[p].on_host || stages[p] >= plan[p].nodes.size()) continue;
      const double each =
          std::accumulate(costs[p].begin(), costs[p].end(), 0.0) / static_cast<double>(stages[p]);
      if (each > most) best = p, most = each;
    }
    if (!best) break;
    ++stages[*best];
    ++used;
  }
  if (used != cores)
    warnings.push_back(
        fmt::format("the model needs {} NeuronCores, not the {} that were asked for", used, cores));
  std::vector<Part> out;
  for (std::size_t p = 0; p < plan.size(); ++p) {
    if (plan[p].on_host || stages[p] == 1) {
      out.push_back(plan[p]);
      continue;
    }
    const auto stage = stages_of(costs[p], stages[p]);
    for (std::size_t i = 0; i < stage.size(); ++i) {
      if (i == 0 || stage[i] != stage[i - 1]) out.push_back({false, {}});
      out.back().nodes.push_back(plan[p].nodes[i]);
    }
  }
  return out;
}

}  // namespace neuron::compile

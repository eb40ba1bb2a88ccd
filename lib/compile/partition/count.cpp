// SPDX-License-Identifier: Apache-2.0
// Fills the report: which operators of the source model run where.
#include <algorithm>
#include <set>

#include "compile/attributes.h"
#include "compile/partition/balance.h"
#include "compile/partition/host.h"

namespace neuron::compile {
namespace {

/// Names of the source model's nodes that a node does the work of.
std::set<std::string> sources_of(const Node& node) {
  std::set<std::string> out;
  const std::string& all = node.layer.empty() ? node.name : node.layer;
  for (std::size_t at = 0; at <= all.size();) {
    const std::size_t cut = std::min(all.find('+', at), all.size());
    if (cut > at) out.insert(all.substr(at, cut - at));
    at = cut + 1;
  }
  return out;
}

/// Multiplications of a product or convolution on the CPU.
std::uint64_t macs_of(const Graph& graph, const Node& node) {
  const std::string op = host::operator_of(node);
  const auto count = static_cast<std::uint64_t>(count_of(output_of(graph, node).shape));
  if (op == "MatMul" || op == "Gemm") {
    const Shape& a = input_of(graph, node, 0).shape;
    const bool turned = op == "Gemm" && int_of(node, "transA", 0) != 0;
    return a.empty() ? 0 : count * static_cast<std::uint64_t>(turned ? a[0] : a.back());
  }
  if (op != "Conv" && op != "DeformConv") return 0;
  const Shape& w = input_of(graph, node, 1).shape;
  return count * static_cast<std::uint64_t>(count_of(Shape(w.begin() + 1, w.end())));
}

}  // namespace

Report report_of(const Graph& graph, const std::vector<Packed>& packed, const Options& options) {
  Report out;
  out.model = options.name.empty() ? graph.name : options.name;
  out.target = options.target->word;
  std::set<std::string> all, on_host;
  for (const Node& node : graph.nodes) {
    const auto sources = sources_of(node);
    all.insert(sources.begin(), sources.end());
    if (!node.host) continue;
    on_host.insert(sources.begin(), sources.end());
    out.on_host.push_back({node.name, host::operator_of(node), node.host->why});
    out.macs += macs_of(graph, node);
  }
  out.operators = all.size();
  out.device_operators = all.size() - on_host.size();
  std::size_t number = 0;
  for (const Packed& part : packed) {
    ReportPart row{part.host ? part.host->name : fmt::format("sg{:02}", number),
                   part.host != nullptr, part.graph->nodes.size(), 0};
    if (part.kernel) {
      ++number;
      for (const double ns : costs_of(*part.kernel, *part.graph)) row.cost_us += ns / 1e3;
      out.device_macs += part.kernel->macs;
    }
    out.parts.push_back(std::move(row));
  }
  out.macs += out.device_macs;
  const std::size_t lnc = std::max({options.target->lnc_size, options.logical_core, 1u});
  out.cores = (number + lnc - 1) / lnc;
  for (const ValueId id : graph.outputs)
    if (!graph.value(id).open.empty())
      out.shapes[graph.value(id).name] = graph.value(id).name + ".shape";
  return out;
}

}  // namespace neuron::compile

// SPDX-License-Identifier: Apache-2.0
#include "compile/lower.h"

#include <algorithm>
#include <numeric>
#include <set>

#include "compile/ops/lowering.h"
#include "compile/pack.h"
#include "compile/parallel/share.h"
#include "compile/partition/balance.h"
#include "compile/partition/host.h"

namespace neuron::compile {
namespace {

/// The parts of a graph, each lowered. Cuts stand still in memory: kernels look into them.
struct Parts {
  std::vector<std::unique_ptr<Cut>> cuts;
  std::vector<Packed> packed;
};

Result<std::unique_ptr<Kernel>> kernel_of(const Graph& graph, const Options& options,
                                          std::uint64_t kept = 0) {
  std::set<std::size_t> tight;
  for (;;) {
    Lowering lowering(graph, isa::arch(options.target->arch),
                      precision_of(options.auto_cast, options.cast_type), kept);
    lowering.tight = tight;
    const auto done = lowering.run();
    if (done) return std::make_unique<Kernel>(std::move(lowering.kernel));
    const bool again =
        kept == 0 && done.error().code == Code::NoResource && lowering.node() < graph.nodes.size();
    if (!again || !tight.insert(lowering.node()).second) return done.error();
  }
}

double cost_of(const Kernel& kernel, const Graph& graph) {
  const std::vector<double> costs = costs_of(kernel, graph);
  return std::accumulate(costs.begin(), costs.end(), 0.0);
}

/// The quickest of a few shares of SBUF for constants that stay; what they take, values lack. Of
/// equal work, that with fewer transfers, which work does not count.
Result<std::unique_ptr<Kernel>> kernel_with_constants(const Graph& graph, const Options& options) {
  auto best = TRY(kernel_of(graph, options));
  double least = cost_of(*best, graph);
  const std::uint64_t sbuf = best->sbuf->capacity();
  for (const std::uint64_t eighths : {6U, 4U, 2U}) {
    auto kernel = kernel_of(graph, options, sbuf / 8 * eighths);
    if (kernel && (*kernel)->kept_bytes < sbuf / 8 * eighths)
      kernel = kernel_of(graph, options, (*kernel)->kept_bytes);  // no more room than they need
    if (!kernel && kernel.error().code != Code::NoResource) return kernel;
    if (!kernel) continue;
    const double cost = cost_of(**kernel, graph);
    const bool fewer = (*kernel)->transfers.size() < best->transfers.size();
    if (cost > least * (fewer ? 1 + 1e-6 : 1 - 1e-6)) continue;
    least = cost;
    best = *std::move(kernel);
  }
  return best;
}

/// Moves every node that cannot be lowered even when it is alone to the CPU; false when there is
/// none.
Result<bool> move_unsupported(Graph& graph, const Options& options) {
  std::vector<Node> next;
  bool moved = false;
  for (std::size_t n = 0; n < graph.nodes.size(); ++n) {
    std::optional<std::vector<Node>> instead;
    if (!host::is_host(graph.nodes[n])) {
      const Cut alone = cut(graph, {false, {n}});
      const auto kernel = kernel_of(alone.graph, options);
      if (!kernel && kernel.error().code == Code::UnsupportedOperator)
        instead = host::moved(graph, graph.nodes[n], kernel.error().message);
    }
    moved |= instead.has_value();
    if (instead)
      next.insert(next.end(), instead->begin(), instead->end());
    else
      next.push_back(graph.nodes[n]);
  }
  graph.nodes = std::move(next);
  return moved;
}

/// Kernels hold what they need of the weights; shapes and names stay.
void forget_weights(Graph& graph) {
  for (Value& v : graph.values)
    if (v.constant) v.constant->bytes = Bytes();
}

Result<Parts> lower_parts(const Graph& graph, const std::vector<Part>& plan, const Options& options,
                          bool stay) {
  Parts out;
  for (const Part& part : plan) {
    Packed packed;
    if (plan.size() == 1 && !part.on_host) {
      packed.graph = &graph;
    } else {
      out.cuts.push_back(std::make_unique<Cut>(cut(graph, part)));
      packed.graph = &out.cuts.back()->graph;
    }
    if (part.on_host) {
      auto host = TRY(host_part_of(*out.cuts.back(), graph, out.packed.size()));
      packed.host = std::make_unique<HostPart>(std::move(host));
    } else {
      packed.kernel = TRY(stay ? kernel_with_constants(*packed.graph, options)
                               : kernel_of(*packed.graph, options));
      if (!out.cuts.empty() && packed.graph == &out.cuts.back()->graph)
        forget_weights(out.cuts.back()->graph);
    }
    out.packed.push_back(std::move(packed));
  }
  return out;
}

/// A model without any node of the CPU, on one core, is one part that is the graph itself.
std::vector<Part> whole_plan(const Graph& graph) {
  Part part;
  for (std::size_t n = 0; n < graph.nodes.size(); ++n) part.nodes.push_back(n);
  return {part};
}

bool has_host_nodes(const Graph& graph) {
  return std::any_of(graph.nodes.begin(), graph.nodes.end(), host::is_host);
}

Result<Parts> place(Graph& graph, const Options& options, std::vector<Part>& plan) {
  for (bool again = false;; again = true) {
    if (has_host_nodes(graph) || options.pipeline_cores > 1) prepare(graph);
    plan = has_host_nodes(graph) ? plan_of(graph) : whole_plan(graph);
    const bool stay = options.pipeline_cores <= 1 && weights_stay(options);  // else it is for costs
    auto parts = lower_parts(graph, plan, options, stay);
    if (parts || again || parts.error().code != Code::UnsupportedOperator) return parts;
    const bool moved = TRY(move_unsupported(graph, options));
    if (!moved) return parts;
  }
}

}  // namespace

bool weights_stay(const Options& options) {
  return options.weights_stay.value_or(options.pipeline_cores > 1);
}

namespace {

/// The shares of two cores that are one logical core, side by side.
Result<Parts> lower_pair(const Graph& whole, const Options& options) {
  constexpr std::uint32_t kCores = 2;
  if (has_host_nodes(whole))
    return fail(Code::UnsupportedOperator,
                "a logical core of two computes no model with operators on the CPU yet");
  Parts out;
  for (std::uint32_t core = 0; core < kCores; ++core) {
    out.cuts.push_back(std::make_unique<Cut>());
    Graph& graph = out.cuts.back()->graph;
    graph = TRY(share_of(whole, {Split::Tensor, core, kCores}));
    for (Node& node : graph.nodes)
      if (node.op == kAllGather || node.op == kAllReduce)
        node.attributes["core"] = static_cast<std::int64_t>(core);
    TRY(verify(graph).within("after cutting it for two cores"));
    Packed packed;
    packed.graph = &graph;
    packed.kernel = TRY(kernel_of(graph, options));
    packed.beside = core > 0;
    out.packed.push_back(std::move(packed));
    forget_weights(graph);
  }
  return out;
}

}  // namespace

Result<neff::Package> lower(Graph graph, const Options& options, std::vector<std::string>& warnings,
                            Report* report) {
  std::vector<Part> plan;
  auto parts =
      TRY(options.logical_core > 1 ? lower_pair(graph, options) : place(graph, options, plan));
  if (options.pipeline_cores > 1) {
    plan = balanced(plan, parts.packed, options.pipeline_cores, weights_stay(options), warnings);
    parts = {};  // only its costs were asked for
    parts = TRY(lower_parts(graph, plan, options, weights_stay(options)));
  }
  forget_weights(graph);
  const auto any = [&](const auto& asked) {
    return std::any_of(parts.packed.begin(), parts.packed.end(),
                       [&](const Packed& part) { return part.kernel && asked(*part.kernel); });
  };
  if (any([](const Kernel& k) { return k.is_joint(); }))
    warnings.push_back(
        "has collective operations in a form of our own (see neuron-neff(5)), which only this "
        "simulator runs");
  if (any([](const Kernel& k) { return !k.at_load.empty(); }))
    warnings.push_back(
        "keeps constants in SBUF from execution to execution in a form of our own (see "
        "neuron-neff(5)), which only this simulator runs");
  if (any([](const Kernel& k) { return k.extended; }))
    warnings.push_back(
        "uses instruction codes of our own (see neuron-neff(5)), which only this simulator runs");
  if (report) *report = report_of(graph, parts.packed, options);
  return pack(parts.packed, graph, options);
}

}  // namespace neuron::compile
